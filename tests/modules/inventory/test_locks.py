"""Locks, forced into the order that would cause a deadlock or a lost update."""

import asyncio
from uuid import UUID

import pytest

from luxewin.kit.access import SYSTEM
from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.modules.inventory import public as inventory
from luxewin.modules.inventory.public import Allocation
from luxewin.modules.inventory.service import AdjustStock, adjust_stock
from tests.modules.inventory.stockroom import Stockroom

LONG_ENOUGH_SECONDS = 0.3
"""The time in which a write without a lock ends. A locked write waits; no assertion depends on the duration."""

PLAN_IN_DISK_ORDER = "SET LOCAL plan_cache_mode = force_custom_plan; SET LOCAL enable_nestloop = off;" + ";".join(
    f"SET LOCAL enable_{scan} = off" for scan in ("indexscan", "bitmapscan", "indexonlyscan", "mergejoin")
)


@pytest.fixture
async def annex(stockroom: Stockroom) -> UUID:
    return await stockroom.location("annex")


async def take(stockroom: Stockroom, *allocations: Allocation, after: str | None = None) -> None:
    """Reserve units at some locations, in one transaction."""

    async def effect(tx: Transaction) -> None:
        if after:
            await tx.connection.execute(after)
        tx.write(*inventory.hold(tx, allocations, owner_id=new_id(), until=None))

    await stockroom.run(effect)


async def test_of_two_orders_that_empty_two_locations_the_second_sees_the_first(
    stockroom: Stockroom, annex: UUID
) -> None:
    variant, main = await stockroom.variant(1), await stockroom.default_location()
    await stockroom.adjust(variant, delta=1, location_id=annex)
    async with stockroom.database.begin(stockroom.tenant, SYSTEM) as tx:
        tx.write(*inventory.hold(tx, [Allocation(variant, main, 1)], owner_id=new_id(), until=None))
        await tx.flush()
        waiting = asyncio.create_task(take(stockroom, Allocation(variant, annex, 1)))
        await asyncio.wait({waiting}, timeout=LONG_ENOUGH_SECONDS)
    await waiting
    assert await stockroom.availability_changes(variant) == [(2, False)]


async def test_an_order_locks_its_stock_rows_in_one_order_whatever_the_plan(
    stockroom: Stockroom,
) -> None:
    first, second = sorted([new_id(), new_id()])
    for variant in (second, first):  # so that their order on disk is the reverse of the lock order
        await stockroom.variant(5, variant_id=variant)
    main = await stockroom.default_location()
    async with stockroom.database.begin(stockroom.tenant, SYSTEM) as tx:
        tx.write(*inventory.hold(tx, [Allocation(first, main, 1)], owner_id=new_id(), until=None))
        await tx.flush()
        order = [Allocation(first, main, 1), Allocation(second, main, 1)]
        waiting = asyncio.create_task(take(stockroom, *order, after=PLAN_IN_DISK_ORDER))
        await asyncio.wait({waiting}, timeout=LONG_ENOUGH_SECONDS)
        await stockroom.rows(
            "SELECT 1 FROM inventory_stock WHERE tenant_id = $1 AND variant_id = $2 FOR NO KEY UPDATE NOWAIT", second
        )
    await waiting


async def test_a_new_backorder_and_units_that_arrive_at_the_same_moment_are_matched(
    stockroom: Stockroom,
) -> None:
    variant = await stockroom.variant(0, backorder_limit=5)
    early, late = await stockroom.hold((variant, 1)), await stockroom.hold((variant, 1))
    async with stockroom.database.begin(stockroom.tenant, SYSTEM) as tx:
        tx.write(*inventory.consume(tx, await inventory.active_reservations(tx, early)))
        await tx.flush()
        arriving = asyncio.create_task(stockroom.adjust(variant, delta=2))
        paying = asyncio.create_task(stockroom.consume(late))
        await asyncio.wait({arriving, paying}, timeout=LONG_ENOUGH_SECONDS)
    await asyncio.gather(arriving, paying)
    assert [await stockroom.statuses(owner) for owner in (early, late)] == [["consumed"], ["consumed"]]
    assert await stockroom.numbers(variant) == (0, 0)


async def test_units_that_arrive_while_an_order_is_paid_are_assigned_to_it(stockroom: Stockroom) -> None:
    variant = await stockroom.variant(0, backorder_limit=5)
    owner = await stockroom.hold((variant, 1))
    async with stockroom.database.begin(stockroom.tenant, SYSTEM) as tx:
        await adjust_stock(tx, AdjustStock(variant_id=variant, delta=2, reason="counted"))
        await tx.flush()
        paying = asyncio.create_task(stockroom.consume(owner))
        await asyncio.wait({paying}, timeout=LONG_ENOUGH_SECONDS)
    await paying
    assert await stockroom.statuses(owner) == ["consumed"]
    assert await stockroom.numbers(variant) == (1, 0)


async def test_stock_that_is_set_while_units_are_reserved_counts_them(stockroom: Stockroom) -> None:
    variant, main = await stockroom.variant(10), await stockroom.default_location()
    async with stockroom.database.begin(stockroom.tenant, SYSTEM) as tx:
        tx.write(*inventory.hold(tx, [Allocation(variant, main, 3)], owner_id=new_id(), until=await tx.now()))
        await tx.flush()
        waiting = asyncio.create_task(stockroom.run(lambda other: inventory.set_stock(other, {variant: 8}, "counted")))
        await asyncio.wait({waiting}, timeout=LONG_ENOUGH_SECONDS)
    await waiting
    assert await stockroom.numbers(variant) == (11, 3)
