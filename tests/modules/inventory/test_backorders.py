"""Units sold beyond the stock on hand wait for deliveries; no stock level becomes negative."""

import pytest

from luxewin.modules.inventory.errors import SoldOut
from tests.modules.inventory.simultaneous import outcomes
from tests.modules.inventory.stockroom import Stockroom


async def test_no_more_is_sold_than_is_on_hand_and_may_be_backordered(stockroom: Stockroom) -> None:
    variant = await stockroom.variant(2, backorder_limit=3)
    assert await outcomes(*(stockroom.hold((variant, 1)) for _ in range(9))) == {"served": 5, SoldOut.code: 4}


async def test_paid_units_on_backorder_stay_reserved_without_expiry(stockroom: Stockroom) -> None:
    variant = await stockroom.variant(2, backorder_limit=3)
    there, missing = await stockroom.hold((variant, 2)), await stockroom.hold((variant, 3))
    await stockroom.consume(missing)
    await stockroom.consume(there)
    assert await stockroom.numbers(variant) == (0, 3)
    rows = await stockroom.rows(
        "SELECT expires_at FROM inventory_reservations WHERE tenant_id = $1 AND owner_id = $2", missing
    )
    assert [row["expires_at"] for row in rows] == [None]
    assert (await stockroom.statuses(there), await stockroom.statuses(missing)) == (["consumed"], ["active"])


async def test_arriving_units_go_to_the_oldest_paid_reservations(stockroom: Stockroom) -> None:
    variant = await stockroom.variant(0, backorder_limit=10)
    owners = [await stockroom.hold((variant, 2)) for _ in range(3)]
    for owner in owners:
        await stockroom.consume(owner)
    await stockroom.adjust(variant, delta=5)
    assert [await stockroom.statuses(owner) for owner in owners] == [["consumed"], ["consumed"], ["active"]]
    assert await stockroom.numbers(variant) == (1, 2)


async def test_arriving_units_do_not_go_to_unpaid_reservations(stockroom: Stockroom) -> None:
    variant = await stockroom.variant(0, backorder_limit=10)
    unpaid = await stockroom.hold((variant, 2))
    await stockroom.adjust(variant, delta=5)
    assert await stockroom.statuses(unpaid) == ["active"]
    assert await stockroom.numbers(variant) == (5, 2)


async def test_transferred_units_settle_the_backorders_of_their_new_location(stockroom: Stockroom) -> None:
    variant, annex = await stockroom.variant(0, backorder_limit=10), await stockroom.location("annex")
    owner = await stockroom.hold((variant, 2))
    await stockroom.consume(owner)
    await stockroom.adjust(variant, delta=5, location_id=annex)
    await stockroom.transfer(variant, 3, origin=annex, destination=await stockroom.default_location())
    assert await stockroom.statuses(owner) == ["consumed"]
    assert await stockroom.numbers(variant) == (3, 0)


async def test_returning_undelivered_units_adds_no_stock(stockroom: Stockroom) -> None:
    variant = await stockroom.variant(1, backorder_limit=10)
    order_id = await stockroom.hold((variant, 3))
    await stockroom.consume(order_id)
    await stockroom.restock((variant, 3), owner_id=order_id)
    assert await stockroom.statuses(order_id) == ["released"]
    assert await stockroom.numbers(variant) == (1, 0)


@pytest.mark.parametrize("arriving", [0, 10])
async def test_a_part_of_undelivered_units_that_is_returned_adds_no_stock(stockroom: Stockroom, arriving: int) -> None:
    variant = await stockroom.variant(2, backorder_limit=10)
    order_id = await stockroom.hold((variant, 5))
    await stockroom.consume(order_id)
    await stockroom.restock((variant, 2), owner_id=order_id)
    assert await stockroom.numbers(variant) == (2, 3)
    await stockroom.adjust(variant, delta=arriving)
    await stockroom.restock((variant, 3), owner_id=order_id)
    assert await stockroom.numbers(variant) == (2 + arriving, 0)


async def test_the_rest_of_a_part_returned_backorder_keeps_its_place_in_the_queue(stockroom: Stockroom) -> None:
    variant = await stockroom.variant(0, backorder_limit=10)
    first, second = await stockroom.hold((variant, 3)), await stockroom.hold((variant, 2))
    for owner in (first, second):
        await stockroom.consume(owner)
    await stockroom.restock((variant, 1), owner_id=first)
    await stockroom.adjust(variant, delta=2)
    assert sorted(await stockroom.statuses(first)) == ["consumed", "released"]
    assert await stockroom.statuses(second) == ["active"]


async def test_arriving_units_are_not_subtracted_for_undelivered_units_that_were_given_up(stockroom: Stockroom) -> None:
    variant = await stockroom.variant(2, backorder_limit=10)
    order_id = await stockroom.hold((variant, 5))
    await stockroom.consume(order_id)
    await stockroom.release_undelivered((variant, 2), owner_id=order_id)
    assert await stockroom.numbers(variant) == (2, 3)
    await stockroom.adjust(variant, delta=10)
    assert await stockroom.numbers(variant) == (9, 0)


async def test_delivered_units_that_were_given_up_do_not_come_back(stockroom: Stockroom) -> None:
    variant = await stockroom.variant(5)
    order_id = await stockroom.hold((variant, 3))
    await stockroom.consume(order_id)
    await stockroom.release_undelivered((variant, 2), owner_id=order_id)
    assert await stockroom.numbers(variant) == (2, 0)


async def test_closed_backorders_shrink_to_what_is_sold_and_never_grow_again(stockroom: Stockroom) -> None:
    variant = await stockroom.variant(2, backorder_limit=10)
    owner = await stockroom.hold((variant, 5))
    await stockroom.consume(owner)
    await stockroom.close_backorders(variant)
    assert await stockroom.available(variant) == 0
    await stockroom.adjust(variant, delta=1)
    assert (await stockroom.numbers(variant), await stockroom.available(variant)) == ((3, 5), 0)
    await stockroom.adjust(variant, delta=4)
    assert (await stockroom.numbers(variant), await stockroom.available(variant)) == ((2, 0), 2)
    with pytest.raises(SoldOut):
        await stockroom.hold((variant, 3))
    await stockroom.open_backorders(variant, limit=10)
    assert await stockroom.available(variant) == 12


async def test_a_reservation_released_after_the_closing_does_not_leave_its_limit(stockroom: Stockroom) -> None:
    variant = await stockroom.variant(2, backorder_limit=10)
    owner = await stockroom.hold((variant, 5))
    await stockroom.close_backorders(variant)
    await stockroom.release(owner)
    assert await stockroom.available(variant) == 2


async def test_no_unit_is_sold_beyond_the_stock_while_backorders_close(stockroom: Stockroom) -> None:
    variant = await stockroom.variant(3, backorder_limit=10)
    ends = await outcomes(
        *(stockroom.hold((variant, 1)) for _ in range(6)),
        stockroom.close_backorders(variant),
        *(stockroom.hold((variant, 1)) for _ in range(6)),
    )
    _, reserved = await stockroom.numbers(variant)
    assert (ends["served"], await stockroom.available(variant)) == (reserved + 1, max(0, 3 - reserved))


async def test_simultaneous_payments_share_the_stock_and_backorder_the_rest(stockroom: Stockroom) -> None:
    variant = await stockroom.variant(4, backorder_limit=10)
    owners = [await stockroom.hold((variant, 1)) for _ in range(6)]
    ends = await outcomes(*(stockroom.consume(owner) for owner in owners))
    assert ends == {"served": 6}
    statuses = sorted([status for owner in owners for status in await stockroom.statuses(owner)])
    assert statuses == ["active"] * 2 + ["consumed"] * 4
    assert await stockroom.numbers(variant) == (0, 2)


@pytest.mark.parametrize("arriving", [1, 2])
async def test_a_settled_backorder_is_not_counted_twice(stockroom: Stockroom, arriving: int) -> None:
    variant = await stockroom.variant(0, backorder_limit=5)
    await stockroom.consume(await stockroom.hold((variant, 1)))
    for _ in range(3):
        await stockroom.adjust(variant, delta=arriving)
    assert await stockroom.numbers(variant) == (3 * arriving - 1, 0)


async def test_returned_units_go_to_a_waiting_backorder(stockroom: Stockroom) -> None:
    variant = await stockroom.variant(1, backorder_limit=10)
    first, second = await stockroom.hold((variant, 1)), await stockroom.hold((variant, 1))
    await stockroom.consume(first)
    await stockroom.consume(second)
    await stockroom.restock((variant, 1), owner_id=first)
    assert await stockroom.statuses(second) == ["consumed"]
    assert await stockroom.numbers(variant) == (0, 0)


async def test_only_delivered_units_return_to_stock(stockroom: Stockroom) -> None:
    variant, annex = await stockroom.variant(0, backorder_limit=1), await stockroom.location("annex")
    await stockroom.adjust(variant, delta=3, location_id=annex)
    order_id = await stockroom.hold((variant, 4))
    await stockroom.consume(order_id)
    assert sorted(await stockroom.statuses(order_id)) == ["active", "consumed"]
    await stockroom.restock((variant, 4), owner_id=order_id)
    assert sorted(await stockroom.statuses(order_id)) == ["consumed", "released"]
    assert await stockroom.numbers(variant) == (3, 0)
