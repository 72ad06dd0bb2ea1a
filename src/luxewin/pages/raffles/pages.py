"""The raffle pages by their paths: the raffles of a shop, one of them, its entries, and its round."""

import asyncio
import re
from collections.abc import MutableMapping
from dataclasses import replace
from functools import cache, partial
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import orjson
from starlette.responses import Response

from luxewin.kit.access import ANONYMOUS
from luxewin.kit.database import Database
from luxewin.kit.driver_errors import DRIVER_ERRORS
from luxewin.kit.errors import DomainError
from luxewin.kit.http.cached_response import CachedResponse
from luxewin.kit.http.entity_tags import matches_weakly
from luxewin.kit.http.headers import header_of
from luxewin.kit.http.pages import answer_cached
from luxewin.kit.pools import LostRaceError
from luxewin.kit.settings import Settings
from luxewin.modules.raffles import public as raffles
from luxewin.modules.raffles.public import Beacons, BeaconSettings, NotLocked, PublicRaffle, RaffleUnknown
from luxewin.modules.tenants.public import Directory, Tenant
from luxewin.pages.html import STRICT_POLICY, html, render
from luxewin.pages.raffles.cache import PageCache
from luxewin.pages.raffles.languages import language_for, languages
from luxewin.pages.raffles.raffle_page import has_local_beacon, raffle_values, state_of
from luxewin.pages.raffles.requests import PREFIX, VERIFIER_PATH, PageRequest, page_request
from luxewin.pages.raffles.verifier import verifier_file

_RAFFLES_PER_PAGE = 48
_ENTRIES_PER_PAGE = 256
_MAX_SHOPS = 8
_MAX_DIGITS = 12
_RAFFLE_PATH = re.compile(r"/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(/entries|/round\.json)?")
_DATABASE_ERRORS = (LostRaceError, *DRIVER_ERRORS)


class RafflePages:
    """The pages below `/raffles`; each is cached for a second, and sent only if the browser does not have it."""

    def __init__(self, database: Database, directory: Directory, *, beacons: Beacons, settings: Settings) -> None:
        self._database = database
        self._directory = directory
        self._beacons = beacons
        self._settings = settings
        self._relays = list(settings.of(BeaconSettings).relays)
        self._cache = PageCache()

    async def page(self, scope: MutableMapping[str, Any]) -> Response:
        """Return the page of a path."""
        if scope["path"] == VERIFIER_PATH:
            return await answer_cached(scope, await asyncio.to_thread(_verifier))
        try:
            request = await page_request(scope, self._directory, self._settings)
        except (DomainError, *_DATABASE_ERRORS):
            return _message_without_shop(scope, 503, "unavailable")
        if request is None:
            return _message_without_shop(scope, 404, "unknown_shop")
        match = _RAFFLE_PATH.fullmatch(request.path)
        if match and match[2] == "/round.json":
            return await self._round(request, UUID(match[1]))
        key = (request.tenant.id, request.language.code, request.base_url, request.path, request.query)
        page = await self._cache.get(key, partial(self._render, request, match))
        headers = {"etag": page.etag, "cache-control": "no-cache", "vary": "Accept-Language, X-Tenant"}
        if page.status == 200 and matches_weakly(header_of(scope, b"if-none-match"), page.etag):  # noqa: PLR2004 - the status of a page that exists
            # A browser replaces the headers of its cached page with these, including the policy.
            return Response(status_code=304, headers={**headers, "content-security-policy": self._policy()})
        return html(page.content, status=page.status, policy=self._policy(), headers=headers)

    async def _render(self, request: PageRequest, match: "re.Match[str] | None") -> tuple[int, str]:
        try:
            template, values = await self._read(request, match)
            if values.get("cards") == [] and request.is_default_shop and not self._settings.is_production:
                values["elsewhere"] = await self._shops_with_raffles()
        except (RaffleUnknown, NotLocked):
            return 404, _render(request, "message.html", message="not_found")
        except (DomainError, *_DATABASE_ERRORS):
            return 503, _render(request, "message.html", message="unavailable")
        return 200, _render(request, template, **values)

    async def _read(self, request: PageRequest, match: "re.Match[str] | None") -> tuple[str, dict[str, Any]]:
        """Return the template of a page and its values."""
        async with self._database.begin(request.tenant, ANONYMOUS) as tx:
            if request.path in {"", "/"}:
                before = _before(request.parameter("before"))
                listed = await raffles.list_public_raffles(tx, before=before, limit=_RAFFLES_PER_PAGE + 1)
                now, more = await tx.now(), len(listed) > _RAFFLES_PER_PAGE
                cards = [(raffle, state_of(raffle, now)) for raffle in listed[:_RAFFLES_PER_PAGE]]
                return "list.html", {"cards": cards, "more": more, "elsewhere": []}
            if match is None:
                raise RaffleUnknown
            public_raffle = await raffles.find_public_raffle(tx, UUID(match[1]))
            if not match[2]:
                return "raffle.html", raffle_values(request, public_raffle, relays=self._relays)
            after = _after(request.parameter("after"))
            entries = await raffles.list_entries_after(tx, public_raffle.raffle.id, after, limit=_ENTRIES_PER_PAGE + 1)
            more = len(entries) > _ENTRIES_PER_PAGE
            return "entries.html", {
                "raffle": public_raffle.raffle,
                "entries": entries[:_ENTRIES_PER_PAGE],
                "more": more,
            }

    async def _shops_with_raffles(self) -> list[Tenant]:
        """Return shops that have raffles, for a visitor who names no shop; in development, shops are no secret."""
        found = []
        for shop in [shop for shop in await self._directory.tenants() if shop.is_served][:_MAX_SHOPS]:
            async with self._database.begin(shop.tenancy, ANONYMOUS) as tx:
                if await raffles.list_public_raffles(tx, before=None, limit=1):
                    found.append(shop)
        return found

    async def _round(self, request: PageRequest, raffle_id: UUID) -> Response:
        """Return the round of a locked raffle as a drand relay does, if this installation is its beacon."""
        try:
            async with self._database.begin(request.tenant, ANONYMOUS) as tx:
                content = await self._round_content(request, await raffles.find_public_raffle(tx, raffle_id))
        except DomainError:
            content = None
        if content is None:
            return Response("This round does not exist or is not yet published.", 404, media_type="text/plain")
        return Response(orjson.dumps(content), media_type="application/json", headers={"cache-control": "no-store"})

    async def _round_content(self, request: PageRequest, raffle: PublicRaffle) -> dict[str, Any] | None:
        if raffle.lock is None or not has_local_beacon(raffle.rules):
            return None
        chain_hash = bytes.fromhex(raffle.rules["beacon"]["chain_hash"])
        beacon = self._beacons.get(chain_hash, clock_offset=request.tenant.clock_offset)
        signature = (await beacon.round(raffle.rules["round"])).signature
        return None if signature is None else {"round": raffle.rules["round"], "signature": signature.hex()}

    def _policy(self) -> str:
        """Return the policy that also lets the check connect to the relays of the public beacon."""
        parts = [urlsplit(relay) for relay in self._relays]
        origins = sorted({f"{relay.scheme}://{relay.netloc}" for relay in parts})
        return STRICT_POLICY.replace("connect-src 'self'", " ".join(["connect-src 'self'", *origins]))


def _render(request: PageRequest, template: str, **values: Any) -> str:
    return render(
        f"raffles/{template}",
        request=request,
        shop=request.shop,
        home=request.url(),
        list_url=request.url(),
        language=request.language,
        languages=languages().values(),
        **values,
    )


def _message_without_shop(scope: MutableMapping[str, Any], status: int, message: str) -> Response:
    """Return a page with a message, for a request without a known shop."""
    language = language_for(chosen="", accepted=header_of(scope, b"accept-language"), locale="en")
    page = render(
        "raffles/message.html",
        shop="LuxeWin",
        home="/",
        list_url=PREFIX,
        language=language,
        languages=[],
        message=message,
    )
    return html(page, status=status)


@cache
def _verifier() -> CachedResponse:
    """Return the offline verifier as a file to download."""
    found = CachedResponse.of(
        verifier_file().read_bytes(), cache_control="no-cache", content_type="text/x-python; charset=utf-8"
    )
    disposition = f'attachment; filename="{VERIFIER_PATH.rpartition("/")[2]}"'
    return replace(found, headers={**found.headers, "content-disposition": disposition})


def _before(parameter: str) -> UUID | None:
    """Return the raffle that the list continues after; None if the parameter is not an id."""
    match = _RAFFLE_PATH.fullmatch(f"/{parameter}")
    return UUID(match[1]) if match and not match[2] else None


def _after(parameter: str) -> int:
    """Return the entry number that the list continues after; 0 if the parameter is not a number."""
    is_number = parameter.isdecimal() and len(parameter) <= _MAX_DIGITS
    return min(int(parameter), raffles.MOST_TICKETS) if is_number else 0
