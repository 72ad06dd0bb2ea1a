"""The lines of an order, and their kinds."""

from collections.abc import Sequence
from uuid import UUID

from luxewin.kit.money import Money
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write
from luxewin.modules.line_kinds.public import KINDS, Ending, QuotedLine, Returned
from luxewin.modules.orders.domain.orders import Order, OrderLine, RefundLine


def order_line(quoted: QuotedLine, *, tax: Money | None = None) -> OrderLine:
    """Return the line of an order that copies a quoted one; without `tax` none is due."""
    return OrderLine(
        id=quoted.id,
        kind=quoted.kind,
        offer_id=quoted.offer_id,
        product_id=quoted.product_id,
        product_slug=quoted.product_slug,
        name=quoted.name,
        sku=quoted.sku,
        options=quoted.options,
        image_url=quoted.image_url,
        vendor_id=quoted.vendor_id,
        quantity=quoted.quantity,
        unit_price=quoted.unit_price,
        tax=tax or Money.zero(quoted.unit_price.currency),
    )


def deferred_lines(order: Order) -> frozenset[UUID]:
    """Return the ids of the lines whose income is deferred."""
    return frozenset(line.id for line in order.lines if KINDS.get(line.kind).deferred_to(line) is not None)


async def fulfil(tx: Transaction, order: Order) -> list[Write]:
    """Return the writes that fulfil an order's reserved lines."""
    return [
        write for kind, lines in KINDS.group_by_kind(order.lines) for write in await kind.fulfil(tx, order.id, lines)
    ]


async def release(tx: Transaction, order: Order, *, ending: Ending) -> list[Write]:
    """Return the writes that release an order's reserved lines."""
    return [
        write
        for kind, lines in KINDS.group_by_kind(order.lines)
        for write in await kind.release(tx, order.id, lines, ending=ending)
    ]


async def take_back(
    tx: Transaction, order: Order, returned: Sequence[RefundLine], *, cause_id: UUID, restock: bool
) -> list[Write]:
    """Return the writes that take back units of an order's paid lines."""
    quantities = {line.line_id: line.quantity for line in returned}
    back = [line for line in order.lines if line.id in quantities]
    return [
        write
        for kind, lines in KINDS.group_by_kind(back)
        for write in await kind.refund(
            tx,
            order.id,
            [Returned(line, quantities[line.id]) for line in lines],
            cause_id=cause_id,
            restock=restock,
        )
    ]
