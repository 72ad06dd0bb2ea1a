"""A request for a raffle page: its shop, its language, and the URLs of the pages that it links to."""

from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from luxewin.kit.http.headers import header_of
from luxewin.kit.http.tenants import find_tenant, host_name_of
from luxewin.kit.settings import Settings
from luxewin.kit.tenancy import Tenancy, TenantDisagreement, UnknownTenant
from luxewin.modules.tenants.public import Directory
from luxewin.pages.raffles.languages import Language, language_for
from luxewin.pages.visitors import visited_url

PREFIX = "/raffles"
VERIFIER_PATH = f"{PREFIX}/verify_draw.py"
_PASSED_ON = ("tenant", "lang")
"""The parameters that links repeat, to stay in the same shop and language."""

_PARAMETERS = {*_PASSED_ON, "after", "before"}
_MAX_PARAMETERS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """A request for a page, with the base URL of the visitor; `is_default_shop` if it names no shop."""

    tenant: Tenancy
    shop: str
    language: Language
    base_url: str
    path: str
    is_default_shop: bool
    query: tuple[tuple[str, str], ...]

    def parameter(self, name: str) -> str:
        """Return a parameter of the query; empty if it is missing."""
        return dict(self.query).get(name, "")

    def url(self, path: str = "", **parameters: str | int) -> str:
        """Return the URL of a page of the same shop in the same language."""
        passed_on = {name: self.parameter(name) for name in _PASSED_ON if self.parameter(name)}
        query = urlencode({**passed_on, **parameters})
        return f"{PREFIX}{path}" + (f"?{query}" if query else "")

    def url_in(self, language: Language) -> str:
        """Return the URL of the same page in another language."""
        position = {"after": self.parameter("after")} if self.parameter("after") else {}
        return self.url(self.path, **{**position, "lang": language.code})


async def page_request(scope: MutableMapping[str, Any], directory: Directory, settings: Settings) -> PageRequest | None:
    """Return the request with its shop: the shop of the host, else the named one, else the default.

    A domain of a shop never shows another shop. None means that there is no such shop.
    """
    query = _query(scope)
    parameters = dict(query)
    named = parameters.get("tenant") or header_of(scope, b"x-tenant")
    headers = {"host": header_of(scope, b"host"), **({"x-tenant": named} if named else {})}
    try:
        tenant = await find_tenant(directory, headers, default=settings.default_tenant)
        is_default = not named and (await directory.current()).by_domain(host_name_of(headers["host"])) is None
    except (UnknownTenant, TenantDisagreement):
        return None
    registered = await directory.tenant(tenant.id)
    if registered is None:
        return None
    language = language_for(
        chosen=parameters.get("lang", ""), accepted=header_of(scope, b"accept-language"), locale=tenant.locale
    )
    return PageRequest(
        tenant=tenant,
        shop=registered.name,
        language=language,
        base_url=visited_url(scope, settings),
        path=scope["path"].removeprefix(PREFIX),
        is_default_shop=is_default,
        query=query,
    )


def _query(scope: MutableMapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return the parameters that the pages use; none if there are more than any page has."""
    try:
        fields = parse_qsl(scope["query_string"].decode("latin-1"), max_num_fields=_MAX_PARAMETERS)
    except ValueError:
        return ()
    return tuple(sorted({name: value for name, value in fields if name in _PARAMETERS}.items()))
