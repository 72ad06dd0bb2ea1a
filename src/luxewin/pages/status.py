"""The state of the running installation that the start page shows, read at most once a second."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from luxewin.kit.access import ANONYMOUS
from luxewin.kit.database import Database
from luxewin.kit.driver_errors import DRIVER_ERRORS
from luxewin.kit.errors import DomainError
from luxewin.kit.money import Money
from luxewin.kit.pools import LostRaceError
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.tenants.public import Directory, Tenant
from luxewin.pages import status_queries

MAX_TENANTS = 8
"""The largest number of tenants on the page; each costs one transaction."""

_MAX_PRODUCTS = 6
_PRODUCT_CANDIDATES = 48
_CACHE_SECONDS = 1.0
_TIMEOUT_SECONDS = 1.5
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-]+(?::[0-9]{1,5})?(?=[/?]|$)")
_DATABASE_ERRORS = (DomainError, LostRaceError, *DRIVER_ERRORS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A tenant and its counts; `behind` events are published but not yet handled."""

    slug: str
    name: str
    products: int
    carts: int
    orders_today: int
    paid_today: int
    published: int
    waiting: int
    behind: int
    last_published_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A product with its picture and price; `variant_id` is a variant that is in stock."""

    slug: str
    name: str
    image_url: str | None
    price: Money
    variant_id: UUID | None

    @property
    def image_origin(self) -> str | None:
        """The other site that serves the picture, such as `https://cdn.example.com`; None for this installation."""
        match = _ORIGIN.match(self.image_url or "")
        return None if match is None else match[0]

    @property
    def shown_image_url(self) -> str | None:
        """The picture, if its address is a path of this installation or of a site that a policy can name."""
        is_path = re.match(r"/[^/]", self.image_url or "") is not None
        return self.image_url if is_path or self.image_origin is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The installation at one time. If the database does not answer, all other values are empty."""

    database_version: str | None = None
    running: frozenset[str] = frozenset()
    shops: tuple[Shop, ...] = ()
    more_shops: int = 0

    @property
    def database_answers(self) -> bool:
        """True if the database answered."""
        return self.database_version is not None

    @property
    def waiting(self) -> int:
        """The number of events that are not yet published."""
        return sum(shop.waiting for shop in self.shops)

    @property
    def behind(self) -> int:
        """The number of published events that are not yet handled."""
        return sum(shop.behind for shop in self.shops)


class StatusReader:
    """Reads the status and caches it for a second; concurrent callers share one reading."""

    def __init__(
        self, database: Database, directory: Directory, *, first_tenant: str, leaders: Mapping[str, int]
    ) -> None:
        self._database = database
        self._directory = directory
        self._first_tenant = first_tenant
        self._leaders = leaders
        self._lock = asyncio.Lock()
        self._status = Status()
        self._expires_at = 0.0

    async def status(self) -> Status:
        """Return the status; a database that does not answer is part of it, not an error."""
        async with self._lock:
            if time.monotonic() >= self._expires_at:
                self._status = await self._read_or_empty()
                self._expires_at = time.monotonic() + _CACHE_SECONDS
            return self._status

    async def products(self) -> Sequence[Product]:
        """Return some of the first tenant's newest products, from as many categories as possible."""
        try:
            async with asyncio.timeout(_TIMEOUT_SECONDS):
                tenant = await self._directory.by_slug(self._first_tenant)
                if tenant is None:
                    return ()
                async with self._database.begin(tenant, ANONYMOUS) as tx:
                    rows = await status_queries.newest_products(tx, limit=_PRODUCT_CANDIDATES)
        except _DATABASE_ERRORS:
            return ()
        return [_product(row) for row in _interleave_categories(rows)[:_MAX_PRODUCTS]]

    async def _read_or_empty(self) -> Status:
        try:
            async with asyncio.timeout(_TIMEOUT_SECONDS):
                return await self._read()
        except _DATABASE_ERRORS:
            return Status()

    async def _read(self) -> Status:
        served = [tenant for tenant in await self._directory.tenants() if tenant.is_served]
        tenants = sorted(served, key=lambda tenant: tenant.slug != self._first_tenant)
        listed = tenants[:MAX_TENANTS]
        async with self._database.system() as connection:
            version = await status_queries.server_version(connection)
            held = await status_queries.held_locks(connection, list(self._leaders.values()))
            events = await status_queries.event_and_order_counts(connection, [tenant.tenancy for tenant in listed])
        products = {tenant.id: await self._product_counts(tenant.tenancy) for tenant in listed}
        return Status(
            database_version=version,
            running=frozenset(name for name, lock in self._leaders.items() if lock in held),
            shops=tuple(_shop(tenant, events[tenant.id], products[tenant.id]) for tenant in listed),
            more_shops=len(tenants) - len(listed),
        )

    async def _product_counts(self, tenant: Tenancy) -> Any:
        async with self._database.begin(tenant, ANONYMOUS) as tx:
            return await status_queries.product_and_cart_counts(tx)


def _shop(tenant: Tenant, events: Any, products: Any) -> Shop:
    return Shop(
        slug=tenant.slug,
        name=tenant.name,
        products=products["products"],
        carts=products["carts"],
        orders_today=events["placed"],
        paid_today=events["paid"],
        published=events["published"],
        waiting=events["waiting"],
        behind=events["behind"],
        last_published_at=events["last_published_at"],
    )


def _interleave_categories(rows: Sequence[Any]) -> list[Any]:
    """Return the first product of each category, then the second ones, and so on.

    In each category those without a picture or without stock come last.
    """
    seen: Counter[str | None] = Counter()
    ranked = []
    for row in sorted(rows, key=lambda row: (not row["images"], row["variant_id"] is None)):
        seen[row["category_slug"]] += 1
        ranked.append((seen[row["category_slug"]], row))
    return [row for _, row in sorted(ranked, key=lambda pair: pair[0])]


def _product(row: Any) -> Product:
    return Product(
        slug=row["slug"],
        name=row["name"],
        image_url=row["images"][0]["url"] if row["images"] else None,
        price=Money(row["price_minor"], row["currency"]),
        variant_id=row["variant_id"],
    )
