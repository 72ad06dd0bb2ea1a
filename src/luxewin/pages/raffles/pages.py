"""The raffle pages by their addresses: a shop's raffles, one of them, its entries, and its round."""

import re
from collections.abc import MutableMapping
from functools import partial
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
import orjson
from markupsafe import Markup
from starlette.responses import Response

from luxewin.kit.access import ANONYMOUS
from luxewin.kit.database import Database
from luxewin.kit.errors import DomainError
from luxewin.kit.pools import LostRaceError
from luxewin.kit.settings import Settings
from luxewin.modules.raffles import public as raffles
from luxewin.modules.raffles.public import Beacons, NotLocked, PublicRaffle, RaffleUnknown
from luxewin.modules.tenants.public import Directory
from luxewin.pages.html import STRICT_POLICY, html, page
from luxewin.pages.raffles import listing, sheet
from luxewin.pages.raffles.copies import Copies
from luxewin.pages.raffles.languages import language_for
from luxewin.pages.raffles.visits import Visit, visit_of
from luxewin.pages.shown import header_of

_LISTED = 48
_ENTRIES = 256
_MOST_DIGITS = 12
_ONE = re.compile(r"/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(/entries|/round\.json)?")
_AWAY = (LostRaceError, asyncpg.PostgresError, OSError, TimeoutError)
_STYLES = ["pages.css", "raffles.css"]


class RafflePages:
    """What stands below `/raffles`; each page is kept for a second, and sent again only where it has changed."""

    def __init__(self, database: Database, directory: Directory, *, beacons: Beacons, settings: Settings) -> None:
        self._database = database
        self._directory = directory
        self._beacons = beacons
        self._settings = settings
        self._relays = list(settings.beacon.relays)
        self._copies = Copies()

    async def page(self, scope: MutableMapping[str, Any]) -> Response:
        """Answer with the page of an address."""
        try:
            visit = await visit_of(scope, self._directory, self._settings)
        except (DomainError, *_AWAY):
            return self._nothing(scope)
        if visit is None:
            return self._nothing(scope, status=404)
        found = _ONE.fullmatch(visit.path)
        if found and found[2] == "/round.json":
            return await self._round(visit, UUID(found[1]))
        key = (visit.tenant.id, visit.language.code, visit.address, visit.path, visit.query)
        copy = await self._copies.of(key, partial(self._made, visit, found))
        headers = {"etag": copy.etag, "cache-control": "no-cache", "vary": "Accept-Language, X-Tenant"}
        if copy.status == 200 and copy.etag in header_of(scope, b"if-none-match"):  # noqa: PLR2004 - what is there
            # A browser takes the headers of this for the page that it has kept, the policy too.
            return Response(status_code=304, headers={**headers, "content-security-policy": self._policy()})
        answer = html(Markup(copy.content), policy=self._policy(), headers=headers)  # noqa: S704 - made of templates
        answer.status_code = copy.status
        return answer

    async def _made(self, visit: Visit, found: "re.Match[str] | None") -> tuple[int, str]:
        try:
            title, body = await self._body(visit, found)
        except (RaffleUnknown, NotLocked):
            return 404, _whole(visit, *listing.absent(visit, "gone"))
        except (DomainError, *_AWAY):
            return 503, _whole(visit, *listing.absent(visit, "away"))
        return 200, _whole(visit, title, body, modules=["raffle.js"] if found and not found[2] else [])

    async def _body(self, visit: Visit, found: "re.Match[str] | None") -> tuple[str, Markup]:
        async with self._database.begin(visit.tenant, ANONYMOUS) as tx:
            if visit.path in {"", "/"}:
                before = visit.asked("before")
                behind = (
                    UUID(before) if re.fullmatch(r"[0-9a-f-]{36}", before) and _ONE.fullmatch(f"/{before}") else None
                )
                shown = await raffles.list_public_raffles(tx, before=behind, limit=_LISTED + 1)
                return listing.raffles_page(visit, shown[:_LISTED], more=len(shown) > _LISTED, now=await tx.now())
            if found is None:
                raise RaffleUnknown
            raffle = await raffles.find_public_raffle(tx, UUID(found[1]))
            if not found[2]:
                return sheet.sheet(visit, raffle, relays=self._relays)
            after = visit.asked("after")
            place = min(int(after), raffles.MOST_TICKETS) if after.isdecimal() and len(after) <= _MOST_DIGITS else 0
            entries = await raffles.list_entries_after(tx, UUID(found[1]), place, limit=_ENTRIES + 1)
            return listing.entries_page(visit, raffle, entries[:_ENTRIES], more=len(entries) > _ENTRIES)

    async def _round(self, visit: Visit, raffle_id: UUID) -> Response:
        """Tell the round of a locked raffle as a relay of drand would, where this installation is its beacon."""
        try:
            async with self._database.begin(visit.tenant, ANONYMOUS) as tx:
                told = await self._told(visit, await raffles.find_public_raffle(tx, raffle_id))
        except DomainError:
            told = None
        if told is None:
            return Response("There is no such round here, or not yet.", 404, media_type="text/plain")
        return Response(orjson.dumps(told), media_type="application/json", headers={"cache-control": "no-store"})

    async def _told(self, visit: Visit, raffle: PublicRaffle) -> dict[str, Any] | None:
        if raffle.lock is None or not sheet.is_local(raffle.rules):
            return None
        chain_hash = bytes.fromhex(raffle.rules["beacon"]["chain_hash"])
        beacon = self._beacons.named(chain_hash, clock_offset=visit.tenant.clock_offset)
        signature = (await beacon.round(raffle.rules["round"])).signature
        return None if signature is None else {"round": raffle.rules["round"], "signature": signature.hex()}

    def _policy(self) -> str:
        """Let the check ask the relays of the public beacon, besides this installation."""
        parts = [urlsplit(relay) for relay in self._relays]
        origins = sorted({f"{relay.scheme}://{relay.netloc}" for relay in parts})
        return STRICT_POLICY.replace("connect-src 'self'", " ".join(["connect-src 'self'", *origins]))

    def _nothing(self, scope: MutableMapping[str, Any], *, status: int = 503) -> Response:
        """Say in a few words that there is no such shop, or that nothing can be read."""
        language = language_for(chosen="", accepted=header_of(scope, b"accept-language"), locale="en")
        word = "gone" if status == 404 else "away"  # noqa: PLR2004 - not found
        title, body = listing.nowhere(language, word)
        answer = html(page(title, body, styles=_STYLES, language=language.code, direction=language.direction))
        answer.status_code = status
        return answer


def _whole(visit: Visit, title: str, body: Markup, *, modules: list[str] | None = None) -> str:
    language = visit.language
    return page(
        title, body, styles=_STYLES, modules=modules or [], language=language.code, direction=language.direction
    )
