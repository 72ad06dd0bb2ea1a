"""Stock changes only by movements, which cannot be changed or deleted."""

import asyncpg
import pytest

from luxewin.kit.ids import new_id
from luxewin.modules.inventory import public as inventory
from luxewin.modules.inventory.domain import MovementKind
from luxewin.modules.inventory.errors import (
    LocationExists,
    LocationUnknown,
    SameLocation,
    SoldOut,
    StockReserved,
    VariantUnknown,
)
from luxewin.modules.inventory.service import movements_of
from tests.modules.inventory.simultaneous import outcomes
from tests.modules.inventory.stockroom import Stockroom


async def test_the_first_stock_is_a_movement_too(stockroom: Stockroom) -> None:
    variant = await stockroom.variant(7)
    (movement,) = await stockroom.run(lambda tx: movements_of(tx, variant, before=None, limit=10))
    assert (movement.kind, movement.delta) == (MovementKind.RECEIVED, 7)


async def test_a_sale_and_its_return_are_movements_of_their_cause(stockroom: Stockroom) -> None:
    variant = await stockroom.variant(7)
    order_id = await stockroom.hold((variant, 3))
    await stockroom.consume(order_id)
    refund_id = new_id()
    await stockroom.restock((variant, 2), owner_id=order_id, cause_id=refund_id)
    movements = await stockroom.run(lambda tx: movements_of(tx, variant, before=None, limit=10))
    assert [(movement.kind, movement.delta, movement.cause_id) for movement in movements] == [
        (MovementKind.RESTOCKED, 2, refund_id),
        (MovementKind.SOLD, -3, order_id),
        (MovementKind.RECEIVED, 7, None),
    ]
    assert await stockroom.numbers(variant) == (6, 0)


async def test_returned_units_of_an_untracked_variant_are_not_counted(stockroom: Stockroom) -> None:
    variant = await stockroom.variant(tracked=False)
    await stockroom.restock((variant, 2), owner_id=await stockroom.hold((variant, 2)))
    assert await stockroom.numbers(variant) == (0, 0)


async def test_units_sold_before_the_first_count_do_not_come_back_into_it(stockroom: Stockroom) -> None:
    variant = await stockroom.variant(tracked=False)
    order_id = await stockroom.hold((variant, 2))
    await stockroom.consume(order_id)
    await stockroom.adjust(variant, on_hand=3)
    await stockroom.restock((variant, 2), owner_id=order_id)
    assert await stockroom.numbers(variant) == (3, 0)


async def test_stock_gets_back_no_more_units_than_an_order_has_taken(stockroom: Stockroom) -> None:
    variant, other = await stockroom.variant(5), await stockroom.variant(5)
    order_id = await stockroom.hold((variant, 2))
    await stockroom.consume(order_id)
    await stockroom.restock((variant, 3), (other, 1), owner_id=order_id)
    assert await stockroom.numbers(variant) == (5, 0)
    assert await stockroom.numbers(other) == (5, 0)


async def test_returned_units_go_to_the_default_location(stockroom: Stockroom) -> None:
    variant = await stockroom.variant(tracked=False)
    annex = await stockroom.location("annex")
    await stockroom.adjust(variant, on_hand=2, location_id=annex)
    order_id = await stockroom.hold((variant, 2))
    await stockroom.consume(order_id)
    await stockroom.restock((variant, 1), owner_id=order_id)
    rows = await stockroom.rows(
        "SELECT location_id FROM inventory_stock WHERE tenant_id = $1 AND variant_id = $2 AND on_hand = 1", variant
    )
    assert [row["location_id"] for row in rows] == [await stockroom.default_location()]


@pytest.mark.parametrize(
    "rewriting",
    [
        "UPDATE inventory_movements SET delta = 1 WHERE tenant_id = $1",
        "DELETE FROM inventory_movements WHERE tenant_id = $1",
    ],
)
async def test_the_application_can_neither_change_nor_remove_a_movement(stockroom: Stockroom, rewriting: str) -> None:
    await stockroom.variant(7)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await stockroom.rows(rewriting)


async def test_a_count_sets_the_stock_on_hand_and_a_difference_changes_it(stockroom: Stockroom) -> None:
    variant = await stockroom.variant(7)
    await stockroom.adjust(variant, on_hand=12)
    await stockroom.adjust(variant, delta=-2)
    assert await stockroom.numbers(variant) == (10, 0)


async def test_simultaneous_counts_do_not_add_up(stockroom: Stockroom) -> None:
    variant = await stockroom.variant(7)
    assert await outcomes(*(stockroom.adjust(variant, on_hand=20) for _ in range(10))) == {"served": 10}
    assert await stockroom.numbers(variant) == (20, 0)


async def test_simultaneous_differences_do_add_up(stockroom: Stockroom) -> None:
    variant = await stockroom.variant(7)
    assert await outcomes(*(stockroom.adjust(variant, delta=2) for _ in range(10))) == {"served": 10}
    assert await stockroom.numbers(variant) == (27, 0)


async def test_of_two_first_counts_of_a_location_one_is_stored(stockroom: Stockroom) -> None:
    variant, annex = await stockroom.variant(0), await stockroom.location("annex")
    ends = await outcomes(*(stockroom.adjust(variant, on_hand=5, location_id=annex) for _ in range(8)))
    assert ends == {"served": 8}
    assert await stockroom.numbers(variant) == (5, 0)


async def test_stock_cannot_be_counted_below_the_reserved_units(stockroom: Stockroom) -> None:
    variant = await stockroom.variant(7)
    await stockroom.hold((variant, 5))
    with pytest.raises(StockReserved):
        await stockroom.adjust(variant, on_hand=4)
    with pytest.raises(StockReserved):
        await stockroom.adjust(variant, delta=-8)
    assert await stockroom.numbers(variant) == (7, 5)


async def test_counting_an_untracked_variant_begins_to_track_it(stockroom: Stockroom) -> None:
    variant = await stockroom.variant(tracked=False)
    await stockroom.adjust(variant, on_hand=2)
    assert await stockroom.available(variant) == 2
    with pytest.raises(SoldOut):
        await stockroom.hold((variant, 3))


async def test_counting_nothing_of_an_untracked_variant_takes_it_out_of_stock(stockroom: Stockroom) -> None:
    variant = await stockroom.variant(tracked=False)
    await stockroom.adjust(variant, on_hand=0)
    assert await stockroom.availability_changes(variant) == [(2, False)]


async def test_a_total_is_reached_through_the_default_location(stockroom: Stockroom) -> None:
    variant, annex = await stockroom.variant(7), await stockroom.location("annex")
    await stockroom.adjust(variant, on_hand=5, location_id=annex)
    await stockroom.run(lambda tx: inventory.set_stock(tx, {variant: 20}, "counted"))
    assert await stockroom.numbers(variant) == (20, 0)
    with pytest.raises(StockReserved):
        await stockroom.run(lambda tx: inventory.set_stock(tx, {variant: 4}, "counted"))


async def test_a_transfer_keeps_the_total_stock(stockroom: Stockroom) -> None:
    variant, annex = await stockroom.variant(7), await stockroom.location("annex")
    main = await stockroom.default_location()
    await stockroom.transfer(variant, 3, origin=main, destination=annex)
    await stockroom.transfer(variant, 1, origin=annex, destination=main)
    rows = await stockroom.rows(
        "SELECT location_id, on_hand FROM inventory_stock WHERE tenant_id = $1 AND variant_id = $2", variant
    )
    assert {row["location_id"]: row["on_hand"] for row in rows} == {main: 5, annex: 2}


async def test_simultaneous_transfers_in_both_directions_are_all_made(stockroom: Stockroom) -> None:
    variant, annex = await stockroom.variant(20), await stockroom.location("annex")
    main = await stockroom.default_location()
    await stockroom.transfer(variant, 10, origin=main, destination=annex)
    ends = await outcomes(
        *(stockroom.transfer(variant, 1, origin=main, destination=annex) for _ in range(10)),
        *(stockroom.transfer(variant, 1, origin=annex, destination=main) for _ in range(10)),
    )
    assert ends == {"served": 20}
    assert await stockroom.numbers(variant) == (20, 0)


async def test_reserved_units_are_not_transferred(stockroom: Stockroom) -> None:
    variant, annex = await stockroom.variant(7), await stockroom.location("annex")
    await stockroom.hold((variant, 5))
    with pytest.raises(StockReserved):
        await stockroom.transfer(variant, 3, origin=await stockroom.default_location(), destination=annex)


async def test_a_transfer_needs_two_known_locations(stockroom: Stockroom) -> None:
    variant, main = await stockroom.variant(7), await stockroom.default_location()
    with pytest.raises(SameLocation):
        await stockroom.transfer(variant, 1, origin=main, destination=main)
    with pytest.raises(LocationUnknown):
        await stockroom.transfer(variant, 1, origin=main, destination=new_id())
    with pytest.raises(VariantUnknown):
        await stockroom.transfer(new_id(), 1, origin=main, destination=await stockroom.location("annex"))


async def test_an_unknown_variant_or_location_cannot_be_counted(stockroom: Stockroom) -> None:
    with pytest.raises(VariantUnknown):
        await stockroom.adjust(new_id(), delta=1)
    with pytest.raises(LocationUnknown):
        await stockroom.adjust(await stockroom.variant(1), delta=1, location_id=new_id())


async def test_two_locations_never_share_a_code(stockroom: Stockroom) -> None:
    await stockroom.location("annex")
    with pytest.raises(LocationExists):
        await stockroom.location("annex")


async def test_every_adjustment_and_transfer_leaves_an_audit_row(stockroom: Stockroom) -> None:
    variant, annex = await stockroom.variant(7), await stockroom.location("annex")
    await stockroom.adjust(variant, delta=-1)
    await stockroom.transfer(variant, 1, origin=await stockroom.default_location(), destination=annex)
    rows = await stockroom.rows("SELECT action FROM kit_audit WHERE tenant_id = $1 AND target = $2", str(variant))
    assert sorted(row["action"] for row in rows) == ["inventory.stock_adjusted", "inventory.stock_transferred"]
