"""Who comes to the raffle pages: to which shop, and in which language; and the addresses that lead them on."""

from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from luxewin.kit.http.tenants import tenant_of_request
from luxewin.kit.settings import Settings
from luxewin.kit.tenancy import Tenancy, TenantDisagreement, UnknownTenant
from luxewin.modules.tenants.public import Directory
from luxewin.pages.raffles.languages import Language, language_for
from luxewin.pages.shown import address_of_visitor, header_of

PREFIX = "/raffles"
_KEPT = ("tenant", "lang")
_FIELDS = {*_KEPT, "after", "before"}
_MOST_FIELDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A request for a page; `kept` is what its links carry on: the shop and the language that its address names."""

    tenant: Tenancy
    shop: str
    language: Language
    address: str
    path: str
    query: tuple[tuple[str, str], ...]

    def asked(self, name: str) -> str:
        """Return a field of the query; empty where it is missing."""
        return dict(self.query).get(name, "")

    def to(self, path: str = "", **more: str | int) -> str:
        """Return the address of a page, in the same shop and language."""
        kept = {name: self.asked(name) for name in _KEPT if self.asked(name)}
        fields = urlencode({**kept, **more})
        return f"{PREFIX}{path}" + (f"?{fields}" if fields else "")

    def here_in(self, language: Language) -> str:
        """Return the address of the same page in another language."""
        more = {"after": self.asked("after")} if self.asked("after") else {}
        return self.to(self.path, **{**more, "lang": language.code})


async def visit_of(scope: MutableMapping[str, Any], directory: Directory, settings: Settings) -> Visit | None:
    """Return who visits which shop: that of the host, else the one that is named, else the default; None: no such shop.

    A host that belongs to a shop shows no other.
    """
    query = _query(scope)
    fields = dict(query)
    named = fields.get("tenant") or header_of(scope, b"x-tenant")
    headers = {"host": header_of(scope, b"host"), **({"x-tenant": named} if named else {})}
    try:
        tenant = tenant_of_request(await directory.current(), headers, default=settings.default_tenant)
    except (UnknownTenant, TenantDisagreement):
        return None
    registered = await directory.tenant(tenant.id)
    if registered is None:
        return None
    language = language_for(
        chosen=fields.get("lang", ""), accepted=header_of(scope, b"accept-language"), locale=tenant.locale
    )
    return Visit(
        tenant=tenant,
        shop=registered.name,
        language=language,
        address=address_of_visitor(scope, settings),
        path=scope["path"].removeprefix(PREFIX),
        query=query,
    )


def _query(scope: MutableMapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return the fields of the query that a page has; one with more than any page could have is none."""
    try:
        fields = parse_qsl(scope["query_string"].decode("latin-1"), max_num_fields=_MOST_FIELDS)
    except ValueError:
        return ()
    return tuple(sorted({name: value for name, value in fields if name in _FIELDS}.items()))
