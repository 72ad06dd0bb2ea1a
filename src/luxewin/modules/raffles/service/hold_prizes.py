"""Prizes that are pieces of the catalogue: held from the publication on, so that none is sold before it is won."""

from collections.abc import Sequence

from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write
from luxewin.modules.catalog import public as catalog
from luxewin.modules.inventory import public as inventory
from luxewin.modules.inventory.public import StockLine
from luxewin.modules.raffles.domain.raffles import Prize
from luxewin.modules.raffles.errors import PrizeUnavailable


async def must_be_for_sale(tx: Transaction, prizes: Sequence[Prize]) -> None:
    """Refuse prizes that name what the shop does not sell.

    Raises:
        PrizeUnavailable: names the first of them.
    """
    wanted = [prize.variant_id for prize in prizes if prize.variant_id is not None]
    goods = await catalog.sellable(tx, wanted) if wanted else {}
    for place, prize in enumerate(prizes):
        if prize.variant_id is not None and prize.variant_id not in goods:
            raise PrizeUnavailable(pointer=f"/prizes/{place}/variant_id")


async def hold_prizes(tx: Transaction, prizes: Sequence[Prize]) -> None:
    """Hold every prize from the shelf under the id of the order that will ship it, one after the other.

    Raises:
        PrizeUnavailable, SoldOut: a prize is not there to be won.
    """
    await must_be_for_sale(tx, prizes)
    for prize in prizes:
        if prize.variant_id is None or prize.order_id is None:
            continue
        allocations = await inventory.allocate(tx, [StockLine(prize.variant_id, 1)])
        tx.write(*inventory.hold(tx, allocations, owner_id=prize.order_id, until=None))
        await tx.flush()


async def released_prizes(tx: Transaction, prizes: Sequence[Prize]) -> list[Write]:
    """Return the writes that give back what is held for prizes that nobody will have."""
    return inventory.release(
        tx, [one for prize in prizes if prize.order_id is not None for one in await inventory.held(tx, prize.order_id)]
    )
