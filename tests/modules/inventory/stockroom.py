"""A stockroom for tests: one tenant's inventory, used like by orders and staff, and its invariants."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.ids import new_id
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction
from luxewin.modules.inventory import public as inventory
from luxewin.modules.inventory import service
from luxewin.modules.inventory.public import NewStock, StockLine

T = TypeVar("T")
EVENT_INVARIANTS = {
    "the events of a variant are numbered without a gap": (
        "SELECT o.aggregate_id FROM (SELECT aggregate_id, aggregate_version,"
        " row_number() OVER (PARTITION BY aggregate_id ORDER BY number) + 1 AS expected"
        " FROM kit_outbox WHERE tenant_id = $1 AND type = 'inventory.stock_flipped') o"
        " WHERE o.aggregate_version <> o.expected"
    ),
    "the events of a variant alternate, and the last one matches its current state": (
        "SELECT o.aggregate_id FROM (SELECT aggregate_id, (payload->>'in_stock')::boolean AS in_stock,"
        " lead((payload->>'in_stock')::boolean) OVER (PARTITION BY aggregate_id ORDER BY number) AS following"
        " FROM kit_outbox WHERE tenant_id = $1 AND type = 'inventory.stock_flipped') o"
        " JOIN inventory_variants v ON v.tenant_id = $1 AND v.variant_id = o.aggregate_id"
        " WHERE o.in_stock = coalesce(o.following, NOT v.in_stock)"
    ),
}


@dataclass(frozen=True, slots=True)
class Stockroom:
    """One tenant's inventory."""

    database: Database
    tenant: Tenancy

    async def run(self, use_case: Callable[[Transaction], Awaitable[T]]) -> T:
        return await self.database.run(self.tenant, SYSTEM, use_case)

    async def open(self) -> None:
        async def effect(tx: Transaction) -> None:
            tx.write(inventory.create_default_location(tx))

        await self.run(effect)

    async def variant(
        self, on_hand: int = 0, *, tracked: bool = True, backorder_limit: int = 0, variant_id: UUID | None = None
    ) -> UUID:
        stock = NewStock(variant_id or new_id(), tracked, on_hand, backorder_limit)

        async def effect(tx: Transaction) -> None:
            tx.write(*inventory.track(tx, [stock]))

        await self.run(effect)
        return stock.variant_id

    async def location(self, code: str) -> UUID:
        async def effect(tx: Transaction) -> UUID:
            return (await service.add_location(tx, code=code, name=code.title())).id

        return await self.run(effect)

    async def default_location(self) -> UUID:
        locations = await self.run(lambda tx: service.list_locations(tx, after=None, limit=100))
        return next(location.id for location in locations if location.is_default)

    async def hold(self, *lines: tuple[UUID, int], owner_id: UUID | None = None) -> UUID:
        owner = owner_id or new_id()

        async def effect(tx: Transaction) -> None:
            allocations = await inventory.allocate(tx, [StockLine(*line) for line in lines])
            until = await tx.now() + timedelta(minutes=30)
            tx.write(*inventory.hold(tx, allocations, owner_id=owner, until=until))

        await self.run(effect)
        return owner

    async def consume(self, owner_id: UUID) -> None:
        async def effect(tx: Transaction) -> None:
            tx.write(*inventory.consume(tx, await inventory.active_reservations(tx, owner_id)))

        await self.run(effect)

    async def release(self, owner_id: UUID) -> None:
        async def effect(tx: Transaction) -> None:
            tx.write(*inventory.release(tx, await inventory.active_reservations(tx, owner_id)))

        await self.run(effect)

    async def restock(self, *lines: tuple[UUID, int], owner_id: UUID, cause_id: UUID | None = None) -> None:
        async def effect(tx: Transaction) -> None:
            stock = [StockLine(*line) for line in lines]
            tx.write(*await inventory.restock(tx, stock, owner_id=owner_id, cause_id=cause_id or owner_id))

        await self.run(effect)

    async def release_undelivered(self, *lines: tuple[UUID, int], owner_id: UUID) -> None:
        async def effect(tx: Transaction) -> None:
            stock = [StockLine(*line) for line in lines]
            tx.write(*await inventory.release_undelivered(tx, stock, owner_id=owner_id))

        await self.run(effect)

    async def close_backorders(self, variant_id: UUID) -> None:
        async def effect(tx: Transaction) -> None:
            await inventory.lock_availability(tx, [variant_id])
            inventory.close_backorders(tx, [variant_id])

        await self.run(effect)

    async def open_backorders(self, variant_id: UUID, *, limit: int) -> None:
        async def effect(tx: Transaction) -> None:
            await inventory.lock_availability(tx, [variant_id])
            inventory.open_backorders(tx, [variant_id], limit=limit)

        await self.run(effect)

    async def adjust(
        self,
        variant_id: UUID,
        *,
        delta: int | None = None,
        on_hand: int | None = None,
        location_id: UUID | None = None,
    ) -> None:
        adjustment = service.AdjustStock(
            variant_id=variant_id, location_id=location_id, delta=delta, on_hand=on_hand, reason="counted"
        )
        await self.run(lambda tx: service.adjust_stock(tx, adjustment))

    async def transfer(self, variant_id: UUID, quantity: int, *, origin: UUID, destination: UUID) -> None:
        transfer = service.TransferStock(
            id=new_id(),
            variant_id=variant_id,
            from_location_id=origin,
            to_location_id=destination,
            quantity=quantity,
        )
        await self.run(lambda tx: service.transfer_stock(tx, transfer))

    async def available(self, variant_id: UUID) -> int | None:
        """Return the units that can be sold, including the backorder limit; None if the variant is not tracked."""
        return (await self.run(lambda tx: service.stock_of(tx, variant_id))).available

    async def numbers(self, variant_id: UUID) -> tuple[int, int]:
        """Return the units on hand and the reserved units at all locations."""
        stock = await self.run(lambda tx: service.stock_of(tx, variant_id))
        return stock.on_hand, stock.reserved

    async def statuses(self, owner_id: UUID) -> list[str]:
        rows = await self.rows(
            "SELECT status FROM inventory_reservations WHERE tenant_id = $1 AND owner_id = $2", owner_id
        )
        return [row["status"] for row in rows]

    async def availability_changes(self, variant_id: UUID) -> list[tuple[int, bool]]:
        """Return the events of a variant in the order of the outbox: their version, and whether it came into stock."""
        async with self.database.system() as connection:
            rows = await connection.fetch(
                "SELECT aggregate_version, payload FROM kit_outbox WHERE tenant_id = $1 AND aggregate_id = $2"
                " ORDER BY number",
                self.tenant.id,
                variant_id,
            )
        return [(row["aggregate_version"], row["payload"]["in_stock"]) for row in rows]

    async def rows(self, sql: str, *parameters: Any) -> Sequence[Any]:
        return await self.run(lambda tx: tx.fetch(sql, self.tenant.id, *parameters))

    async def violated_invariants(self) -> list[str]:
        """Return the names of all violated invariants."""
        async with self.database.system() as connection:
            return [
                name
                for name, sql in {**inventory.INVARIANTS, **EVENT_INVARIANTS}.items()
                if await connection.fetch(sql, self.tenant.id)
            ]
