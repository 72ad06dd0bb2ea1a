"""Prizes that are product variants: held in stock from publication on, so that they cannot be sold."""

from collections.abc import Sequence

from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write
from luxewin.modules.catalog import public as catalog
from luxewin.modules.inventory import public as inventory
from luxewin.modules.inventory.public import StockLine
from luxewin.modules.raffles.domain.raffles import Prize
from luxewin.modules.raffles.errors import PrizeUnavailable


async def must_be_for_sale(tx: Transaction, prizes: Sequence[Prize]) -> None:
    """Check that the product variants of prizes are for sale.

    Raises:
        PrizeUnavailable: a variant does not exist or is not for sale; the error points to the first one.
    """
    wanted = [prize.variant_id for prize in prizes if prize.variant_id is not None]
    goods = await catalog.sellable(tx, wanted) if wanted else {}
    for index, prize in enumerate(prizes):
        if prize.variant_id is not None and prize.variant_id not in goods:
            raise PrizeUnavailable(
                f"The shop sells no variant `{prize.variant_id}`", pointer=f"/prizes/{index}/variant_id"
            )


async def hold_prizes(tx: Transaction, prizes: Sequence[Prize]) -> None:
    """Hold every prize in stock, under the id of the order that will ship it.

    Raises:
        PrizeUnavailable, SoldOut: a prize is not for sale, or not in stock.
    """
    await must_be_for_sale(tx, prizes)
    for prize in prizes:
        if prize.variant_id is None or prize.order_id is None:
            continue
        allocations = await inventory.allocate(tx, [StockLine(prize.variant_id, 1)])
        tx.write(*inventory.hold(tx, allocations, owner_id=prize.order_id, until=None))
        await tx.flush()


async def release_prizes(tx: Transaction, prizes: Sequence[Prize]) -> list[Write]:
    """Return the writes that release the stock held for prizes."""
    order_ids = [prize.order_id for prize in prizes if prize.order_id is not None]
    return inventory.release(
        tx, [held for order_id in order_ids for held in await inventory.active_reservations(tx, order_id)]
    )
