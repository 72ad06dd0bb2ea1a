"""The start page: what a first visitor sees, and the numbers that keep it alive.

In production it tells strangers nothing but that the program runs.
"""

import re
from collections.abc import MutableMapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from markupsafe import Markup
from starlette.responses import Response

from luxewin.kit.settings import Settings
from luxewin.pages.counting import LARGEST_COUNT
from luxewin.pages.first_purchase import commands
from luxewin.pages.html import each, fill, html, masthead, page
from luxewin.pages.shown import address_of_visitor, price_of
from luxewin.pages.status import Shop, Status, StatusBoard, Tile

_COUNTS: Final = (
    ("products", "Products"),
    ("carts", "Carts"),
    ("orders_today", "Orders today"),
    ("paid_today", "of them paid"),
    ("published", "Events published"),
    ("waiting", "Events waiting"),
)


class StartPage:
    """The page at `/` and the numbers at `/status.json`."""

    def __init__(self, board: StatusBoard, *, settings: Settings) -> None:
        self._board = board
        self._settings = settings

    async def page(self, scope: MutableMapping[str, Any]) -> Response:
        """Show what runs, what is in it, and where to go on."""
        if self._settings.is_production:
            return html(page("LuxeWin", fill("running", top=masthead()), styles=["pages.css"]))
        tenant = self._settings.default_tenant
        status, tiles = await self._board.current(), await self._board.tiles()
        shown = fill(
            "start",
            top=masthead(),
            pills=each([fill("pill", **pill) for pill in pills(status, processes=self._settings.http.processes)]),
            goods_title=_goods_title(status, tenant),
            tiles=_tiles(tiles, tenant),
            shops=_shops(status),
            as_of=f"as of {datetime.now(UTC):%H:%M:%S} UTC",
            commands=commands(address_of_visitor(scope, self._settings), tenant=tenant, tiles=tiles),
        )
        return html(page("LuxeWin is running", shown, styles=["pages.css", "start.css"], scripts=["start.js"]))

    async def status(self, _scope: MutableMapping[str, Any]) -> Response:
        """Tell the numbers that the page shows."""
        told: dict[str, Any] = {"status": "running"}
        if not self._settings.is_production:
            status = await self._board.current()
            told |= {
                "counted_up_to": LARGEST_COUNT,
                "parts": pills(status, processes=self._settings.http.processes),
                "shops": [_numbers(shop) for shop in status.shops],
            }
        return Response(orjson.dumps(told), media_type="application/json")


def pills(status: Status, *, processes: int) -> list[dict[str, str]]:
    """Say of each part of the program how it does: `good`, `poor`, or `unknown`."""
    answering = "1 process" if processes == 1 else f"{processes} processes"
    parts = [_pill("api", "API", "good", answering)]
    if not status.database_answers:
        return [
            *parts,
            _pill("database", "Database", "poor", "not answering"),
            *(_pill(part, part.title(), "unknown", "unknown") for part in ("relay", "worker")),
        ]
    return [
        *parts,
        _pill("database", "Database", "good", f"PostgreSQL {status.database_version}"),
        _background("relay", "Relay", status, left=status.waiting, at_rest="all published"),
        _background("worker", "Worker", status, left=status.behind, at_rest="up to date"),
    ]


def _background(part: str, name: str, status: Status, *, left: int, at_rest: str) -> dict[str, str]:
    if part not in status.working:
        return _pill(part, name, "poor", "not working")
    return _pill(part, name, "good", f"{_counted(left)} to go" if left else at_rest)


def _pill(part: str, name: str, state: str, text: str) -> dict[str, str]:
    return {"part": part, "name": name, "state": state, "text": text}


def _numbers(shop: Shop) -> dict[str, Any]:
    return {
        "slug": shop.slug,
        "name": shop.name,
        **{key: getattr(shop, key) for key, _ in _COUNTS},
        "last_published_at": shop.last_published_at,
    }


def _shops(status: Status) -> Markup:
    if not status.database_answers:
        return fill("nothing", mark="", text="The database is not answering. The numbers come back with it.")
    shops = each([_shop(shop) for shop in status.shops])
    if not status.shops:
        return fill("nothing", mark="", text="There is no shop yet: the demo’s are made in the first moments.")
    if status.more_shops:
        shops += fill("nothing", mark="", text=f"and {status.more_shops:,} more")
    return shops


def _shop(shop: Shop) -> Markup:
    counts = [fill("count", key=key, name=name, count=_counted(getattr(shop, key))) for key, name in _COUNTS]
    return fill("shop", slug=shop.slug, name=shop.name, counts=each(counts))


def _goods_title(status: Status, tenant: str) -> str:
    return next((f"New at {shop.name}" for shop in status.shops if shop.slug == tenant), "New in the shop")


def _tiles(tiles: Sequence[Tile], tenant: str) -> Markup:
    if not tiles:
        text = "Nothing is for sale yet. The demo’s catalogue is read in the first moments."
        return fill("nothing", mark=Markup('data-empty="{}"').format(tenant), text=text)
    return fill("tiles", tiles=each([_tile(tile, tenant) for tile in tiles]))


def _tile(tile: Tile, tenant: str) -> Markup:
    # Only pictures of this installation are shown: the page loads nothing from elsewhere.
    own = tile.image_url is not None and re.match(r"/[^/]", tile.image_url)
    picture = fill("picture", address=tile.image_url) if own else Markup('<span class="no-picture"></span>')
    return fill("tile", slug=tile.slug, tenant=tenant, name=tile.name, price=price_of(tile.price), picture=picture)


def _counted(count: int) -> str:
    return f"{count:,}+" if count == LARGEST_COUNT else f"{count:,}"
