"""Stock is reserved for orders, and never more than is available."""

from collections import Counter
from uuid import UUID

import asyncpg
import pytest

from luxewin.kit.ids import new_id
from luxewin.modules.inventory.errors import ReservationSettled, SoldOut
from tests.modules.inventory.simultaneous import outcomes
from tests.modules.inventory.stockroom import Stockroom


async def test_the_last_item_is_reserved_for_exactly_one_of_fifty_simultaneous_buyers(stockroom: Stockroom) -> None:
    variant = await stockroom.variant(1)
    ends = await outcomes(*(stockroom.hold((variant, 1)) for _ in range(50)))
    assert ends == {"served": 1, "inventory.sold_out": 49}
    assert await stockroom.available(variant) == 0


async def test_forty_units_are_sold_to_exactly_forty_of_a_hundred_simultaneous_buyers(stockroom: Stockroom) -> None:
    variant = await stockroom.variant(40)

    async def buy() -> None:
        await stockroom.consume(await stockroom.hold((variant, 1)))

    assert await outcomes(*(buy() for _ in range(100))) == {"served": 40, "inventory.sold_out": 60}
    assert await stockroom.numbers(variant) == (0, 0)


async def test_simultaneous_orders_of_the_same_variants_in_any_order_are_all_served(stockroom: Stockroom) -> None:
    variants = [await stockroom.variant(60) for _ in range(5)]
    forwards = [(variant, 1) for variant in variants]
    orders = [forwards, forwards[::-1], forwards[2:] + forwards[:2]] * 12
    assert await outcomes(*(stockroom.hold(*order) for order in orders)) == {"served": 36}
    assert [await stockroom.available(variant) for variant in variants] == [24] * 5


async def test_the_stock_of_two_locations_is_sold_to_the_last_unit(stockroom: Stockroom) -> None:
    variant = await stockroom.variant(3)
    await stockroom.adjust(variant, delta=4, location_id=await stockroom.location("annex"))
    ends = await outcomes(*(stockroom.hold((variant, 1)) for _ in range(20)))
    assert ends == {"served": 7, "inventory.sold_out": 13}


async def test_an_order_that_one_location_can_serve_is_not_split(stockroom: Stockroom) -> None:
    variant = await stockroom.variant(3)
    annex = await stockroom.location("annex")
    await stockroom.adjust(variant, delta=5, location_id=annex)
    owner = await stockroom.hold((variant, 4))
    assert await _held_places(stockroom, owner) == [(annex, 4)]


async def test_an_order_that_no_location_can_serve_alone_is_split(stockroom: Stockroom) -> None:
    variant = await stockroom.variant(3)
    annex, main = await stockroom.location("annex"), await stockroom.default_location()
    await stockroom.adjust(variant, delta=5, location_id=annex)
    owner = await stockroom.hold((variant, 7))
    assert sorted(await _held_places(stockroom, owner)) == sorted([(annex, 5), (main, 2)])


async def test_the_same_variant_in_two_lines_is_counted_together(stockroom: Stockroom) -> None:
    variant = await stockroom.variant(3)
    with pytest.raises(SoldOut) as refused:
        await stockroom.hold((variant, 2), (variant, 2))
    assert refused.value.facts == {"variant_id": variant, "available": 3}


async def test_an_order_is_reserved_completely_or_not_at_all(stockroom: Stockroom) -> None:
    plenty, scarce = await stockroom.variant(10), await stockroom.variant(1)
    with pytest.raises(SoldOut):
        await stockroom.hold((plenty, 1), (scarce, 2))
    assert await stockroom.available(plenty) == 10


async def test_an_untracked_variant_is_never_sold_out_and_never_held(stockroom: Stockroom) -> None:
    variant = await stockroom.variant(tracked=False)
    owner = await stockroom.hold((variant, 9_999))
    assert await stockroom.statuses(owner) == []
    assert await stockroom.available(variant) is None


async def test_an_unknown_variant_cannot_be_reserved(stockroom: Stockroom) -> None:
    with pytest.raises(SoldOut) as refused:
        await stockroom.hold((new_id(), 1))
    assert refused.value.facts["available"] == 0


async def test_released_units_can_be_reserved_again(stockroom: Stockroom) -> None:
    variant = await stockroom.variant(1)
    first = await stockroom.hold((variant, 1))
    await stockroom.release(first)
    second = await stockroom.hold((variant, 1))
    assert (await stockroom.statuses(first), await stockroom.statuses(second)) == (["released"], ["active"])


async def test_a_reservation_paid_and_expired_at_the_same_time_ends_once(stockroom: Stockroom) -> None:
    variant = await stockroom.variant(20)
    owners = [await stockroom.hold((variant, 1)) for _ in range(10)]
    ends = await outcomes(*(end(owner) for owner in owners for end in (stockroom.consume, stockroom.release)))
    assert ends["served"] + ends[ReservationSettled.code] == 20
    statuses = Counter([status for owner in owners for status in await stockroom.statuses(owner)])
    assert statuses["consumed"] + statuses["released"] == 10
    assert await stockroom.numbers(variant) == (20 - statuses["consumed"], 0)


async def test_a_reservation_that_has_ended_is_never_changed_again(stockroom: Stockroom) -> None:
    variant = await stockroom.variant(1)
    owner = await stockroom.hold((variant, 1))
    await stockroom.consume(owner)
    with pytest.raises(asyncpg.CheckViolationError):
        await stockroom.rows(
            "UPDATE inventory_reservations SET status = 'active', settled_at = NULL"
            " WHERE tenant_id = $1 AND owner_id = $2",
            owner,
        )


async def test_the_database_itself_refuses_to_reserve_more_than_there_is(stockroom: Stockroom) -> None:
    variant = await stockroom.variant(2)
    with pytest.raises(asyncpg.CheckViolationError):
        await stockroom.rows(
            "UPDATE inventory_stock SET reserved = 3 WHERE tenant_id = $1 AND variant_id = $2", variant
        )
    with pytest.raises(asyncpg.CheckViolationError):
        await stockroom.rows(
            "UPDATE inventory_stock SET on_hand = -1 WHERE tenant_id = $1 AND variant_id = $2", variant
        )


async def _held_places(stockroom: Stockroom, owner_id: UUID) -> list[tuple[UUID, int]]:
    rows = await stockroom.rows(
        "SELECT location_id, quantity FROM inventory_reservations WHERE tenant_id = $1 AND owner_id = $2", owner_id
    )
    return [(row["location_id"], row["quantity"]) for row in rows]
