"""Stock that was read may be stale: the write decides."""

import pytest

from luxewin.kit.access import SYSTEM
from luxewin.kit.ids import new_id
from luxewin.modules.inventory import public as inventory
from luxewin.modules.inventory.errors import ReservationSettled, SoldOut
from luxewin.modules.inventory.public import StockLine
from tests.modules.inventory.stockroom import Stockroom


async def test_an_allocation_of_a_unit_that_was_sold_meanwhile_is_refused(stockroom: Stockroom) -> None:
    variant = await stockroom.variant(1)
    async with stockroom.database.begin(stockroom.tenant, SYSTEM) as tx:
        allocations = await inventory.allocate(tx, [StockLine(variant, 1)])
        await stockroom.hold((variant, 1))
        tx.write(*inventory.hold(tx, allocations, owner_id=new_id(), until=None))
        with pytest.raises(SoldOut):
            await tx.flush()
    assert await stockroom.numbers(variant) == (1, 1)


async def test_ending_a_reservation_that_has_ended_is_refused(stockroom: Stockroom) -> None:
    variant = await stockroom.variant(2)
    owner, _another = await stockroom.hold((variant, 1)), await stockroom.hold((variant, 1))
    async with stockroom.database.begin(stockroom.tenant, SYSTEM) as tx:
        held = await inventory.active_reservations(tx, owner)
        await stockroom.release(owner)
        tx.write(*inventory.consume(tx, held))
        with pytest.raises(ReservationSettled):
            await tx.flush()
    assert await stockroom.statuses(owner) == ["released"]
    assert await stockroom.numbers(variant) == (2, 1)
