"""The start page, and the numbers that keep it up to date.

In production it shows only that the program is running.
"""

from collections.abc import MutableMapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

import orjson
from starlette.responses import Response

from luxewin.kit.http.cached_response import CachedResponse
from luxewin.kit.http.pages import answer_cached
from luxewin.kit.settings import Settings
from luxewin.pages.first_purchase import commands
from luxewin.pages.html import STRICT_POLICY, constant_html, html, render
from luxewin.pages.status import Product, Shop, Status, StatusReader
from luxewin.pages.status_queries import LARGEST_COUNT
from luxewin.pages.visitors import visited_url

_COUNTS: Final = {
    "products": "Products",
    "carts": "Carts",
    "orders_today": "Orders today",
    "paid_today": "Paid today",
    "published": "Events published",
    "waiting": "Events waiting",
}


class StartPage:
    """The page at `/` and the numbers at `/status.json`."""

    def __init__(self, reader: StatusReader, *, settings: Settings) -> None:
        self._reader = reader
        self._settings = settings

    async def page(self, scope: MutableMapping[str, Any]) -> Response:
        """Return the page: running processes, shops, the newest products, and the commands of a first purchase."""
        if self._settings.is_production:
            return await answer_cached(scope, _running_page())
        tenant = self._settings.default_tenant
        status, products = await self._reader.status(), await self._reader.products()
        return html(
            render(
                "start.html",
                status=status,
                components=components_of(status, processes=self._settings.http.processes),
                counts=_COUNTS,
                format_count=format_count,
                tenant=tenant,
                shop_name=next((shop.name for shop in status.shops if shop.slug == tenant), None),
                products=products,
                now=datetime.now(UTC),
                commands=commands(visited_url(scope, self._settings), tenant=tenant, products=products),
            ),
            policy=policy_with_images_of(products),
        )

    async def status(self, _scope: MutableMapping[str, Any]) -> Response:
        """Return the numbers on the page as JSON."""
        content: dict[str, Any] = {"status": "running"}
        if not self._settings.is_production:
            status = await self._reader.status()
            content |= {
                "counted_up_to": LARGEST_COUNT,
                "parts": components_of(status, processes=self._settings.http.processes),
                "shops": [_numbers(shop) for shop in status.shops],
            }
        return Response(orjson.dumps(content), media_type="application/json")


@cache
def _running_page() -> CachedResponse:
    return constant_html(render("running.html"))


def policy_with_images_of(products: Sequence[Product]) -> str:
    """Return the policy that lets the page load the pictures of these products, and nothing else, from other sites."""
    origins = sorted({product.image_origin for product in products if product.image_origin is not None})
    return STRICT_POLICY.replace("img-src 'self'", " ".join(["img-src 'self'", *origins]))


def components_of(status: Status, *, processes: int) -> list[dict[str, str]]:
    """Return the state of each component of the program: `good`, `poor` or `unknown`."""
    api = _component("api", "API", "good", "1 process" if processes == 1 else f"{processes} processes")
    if not status.database_answers:
        return [
            api,
            _component("database", "Database", "poor", "not answering"),
            _component("relay", "Relay", "unknown", "unknown"),
            _component("worker", "Worker", "unknown", "unknown"),
        ]
    return [
        api,
        _component("database", "Database", "good", f"PostgreSQL {status.database_version}"),
        _background("relay", "Relay", status, remaining=status.waiting, idle="all published"),
        _background("worker", "Worker", status, remaining=status.behind, idle="up to date"),
    ]


def format_count(count: int) -> str:
    """Return a count with thousands separators; one that was not counted to its end has a plus sign."""
    return f"{count:,}+" if count == LARGEST_COUNT else f"{count:,}"


def _background(part: str, name: str, status: Status, *, remaining: int, idle: str) -> dict[str, str]:
    if part not in status.running:
        return _component(part, name, "poor", "not running")
    return _component(part, name, "good", f"{format_count(remaining)} to go" if remaining else idle)


def _component(part: str, name: str, state: str, text: str) -> dict[str, str]:
    return {"part": part, "name": name, "state": state, "text": text}


def _numbers(shop: Shop) -> dict[str, Any]:
    fields = ("slug", "name", *_COUNTS, "last_published_at")
    return {field: getattr(shop, field) for field in fields}
