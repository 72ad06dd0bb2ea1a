"""What the start page tells of the running installation, asked at most once a second however many people watch."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from luxewin.kit.access import ANONYMOUS
from luxewin.kit.database import Database
from luxewin.kit.errors import DomainError
from luxewin.kit.money import Money
from luxewin.kit.pools import LostRaceError
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.tenants.public import Directory, Tenant
from luxewin.pages import counting

MOST_TENANTS = 8
"""How many tenants are shown; each costs a transaction of its own."""

_MOST_TILES = 6
_TILES_CHOSEN_FROM = 48
_FRESH_SECONDS = 1.0
_PATIENCE_SECONDS = 1.5
_ABSENCES = (DomainError, LostRaceError, asyncpg.PostgresError, OSError, TimeoutError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A tenant and what happens in it; `behind` facts were published and not yet reacted to."""

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
class Tile:
    """A product to look at; `variant_id` can be bought now."""

    slug: str
    name: str
    image_url: str | None
    price: Money
    variant_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The installation at a moment. Without an answering database nothing else is known."""

    database_version: str | None = None
    working: frozenset[str] = frozenset()
    shops: tuple[Shop, ...] = ()
    more_shops: int = 0

    @property
    def database_answers(self) -> bool:
        """Whether the database answered."""
        return self.database_version is not None

    @property
    def waiting(self) -> int:
        """How many facts wait to be published."""
        return sum(shop.waiting for shop in self.shops)

    @property
    def behind(self) -> int:
        """How many published facts wait for a reaction."""
        return sum(shop.behind for shop in self.shops)


class StatusBoard:
    """Keeps the last status for a second; whoever asks meanwhile waits for the same answer."""

    def __init__(
        self, database: Database, directory: Directory, *, first_tenant: str, leaders: Mapping[str, int]
    ) -> None:
        self._database = database
        self._directory = directory
        self._first_tenant = first_tenant
        self._leaders = leaders
        self._asking = asyncio.Lock()
        self._status = Status()
        self._fresh_until = 0.0

    async def current(self) -> Status:
        """Return the status; an absent database is part of it, never an error."""
        async with self._asking:
            if time.monotonic() >= self._fresh_until:
                self._status = await self._asked()
                self._fresh_until = time.monotonic() + _FRESH_SECONDS
            return self._status

    async def tiles(self) -> Sequence[Tile]:
        """Return some of the first tenant's newest products, of as many categories as there are."""
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                tenant = await self._directory.by_slug(self._first_tenant)
                if tenant is None:
                    return ()
                async with self._database.begin(tenant, ANONYMOUS) as tx:
                    rows = await counting.newest_goods(tx, limit=_TILES_CHOSEN_FROM)
        except _ABSENCES:
            return ()
        return [_tile(row) for row in _varied(rows)[:_MOST_TILES]]

    async def _asked(self) -> Status:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return await self._ask()
        except _ABSENCES:
            return Status()

    async def _ask(self) -> Status:
        served = [tenant for tenant in await self._directory.tenants() if tenant.is_served]
        tenants = sorted(served, key=lambda tenant: tenant.slug != self._first_tenant)
        shown = tenants[:MOST_TENANTS]
        async with self._database.system() as connection:
            version = await counting.server_version(connection)
            held = await counting.held_locks(connection, list(self._leaders.values()))
            facts = await counting.facts_and_orders(connection, [tenant.tenancy for tenant in shown])
        goods = {tenant.id: await self._goods(tenant.tenancy) for tenant in shown}
        return Status(
            database_version=version,
            working=frozenset(name for name, lock in self._leaders.items() if lock in held),
            shops=tuple(_shop(tenant, facts[tenant.id], goods[tenant.id]) for tenant in shown),
            more_shops=len(tenants) - len(shown),
        )

    async def _goods(self, tenant: Tenancy) -> Any:
        async with self._database.begin(tenant, ANONYMOUS) as tx:
            return await counting.goods_and_carts(tx)


def _shop(tenant: Tenant, facts: Any, goods: Any) -> Shop:
    return Shop(
        slug=tenant.slug,
        name=tenant.name,
        products=goods["products"],
        carts=goods["carts"],
        orders_today=facts["placed"],
        paid_today=facts["paid"],
        published=facts["published"],
        waiting=facts["waiting"],
        behind=facts["behind"],
        last_published_at=facts["last_published_at"],
    )


def _varied(rows: Sequence[Any]) -> list[Any]:
    """Put the first of each category in front, and those without a picture or without stock behind."""
    places: dict[str | None, int] = {}
    ranked = []
    for row in sorted(rows, key=lambda row: (not row["images"], row["variant_id"] is None)):
        place = places[row["category_slug"]] = places.get(row["category_slug"], 0) + 1
        ranked.append((place, row))
    return [row for _, row in sorted(ranked, key=lambda pair: pair[0])]


def _tile(row: Any) -> Tile:
    return Tile(
        slug=row["slug"],
        name=row["name"],
        image_url=row["images"][0]["url"] if row["images"] else None,
        price=Money(row["price_minor"], row["currency"]),
        variant_id=row["variant_id"],
    )
