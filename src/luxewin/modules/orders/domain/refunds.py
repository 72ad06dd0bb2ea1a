"""The distribution of a refund over the parts of an order's payment.

Most lines share one part, `sales`, of which any amount can be refunded. A line whose income is deferred is a part of
its own, by the line's id: it is refunded as a whole, at its price.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from luxewin.kit.money import Money, total
from luxewin.modules.orders.domain.orders import Order, OrderLine, RefundLine
from luxewin.modules.orders.errors import OrderNotRefundable, RefundInvalid, RefundTooLarge


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """An amount, divided into sales, shipping, tax, and each line whose income is deferred."""

    sales: Money
    shipping: Money
    tax: Money
    deferred: Mapping[UUID, Money] = field(default_factory=dict)

    @property
    def deferred_total(self) -> Money:
        """The sum of the deferred lines."""
        return total(list(self.deferred.values()), currency=self.sales.currency)

    @property
    def total(self) -> Money:
        """The sum of all parts."""
        return self.sales + self.shipping + self.tax + self.deferred_total

    def minus(self, other: "Parts") -> "Parts":
        """Subtract another amount, which has no deferred lines."""
        return replace(
            self, sales=self.sales - other.sales, shipping=self.shipping - other.shipping, tax=self.tax - other.tax
        )


def settled_parts(order: Order, *, deferred: Collection[UUID]) -> Parts:
    """Return the parts of an order's payment; `deferred` are the ids of lines with deferred income."""
    return _separate([line for line in order.lines if line.id in deferred], _all_as_sales(order))


def left_parts(order: Order, refunded: Parts, *, deferred: Collection[UUID]) -> Parts:
    """Return the rest of an order's payment after earlier refunds, which count deferred lines as `sales`."""
    left = [line for line in order.lines if line.id in deferred and not line.returned]
    return _separate(left, _all_as_sales(order).minus(refunded))


def granted_parts(
    requested: Money | None,
    lines: Sequence[RefundLine],
    *,
    order_lines: Sequence[OrderLine],
    left: Parts,
    deferred: Collection[UUID],
) -> Parts:
    """Return the amount that a refund takes from each part.

    The total is the requested amount, else the price of the lines, else everything that is left.

    Raises:
        OrderNotRefundable: nothing is left.
        RefundTooLarge: it is more than what is left.
        RefundInvalid: another currency, a line that the order does not have, a part of a line that is refunded as a
            whole, or such a line together with an amount.
    """
    by_id = {line.id: line for line in order_lines}
    _must_have(lines, by_id)
    whole = _deferred_prices([line for line in lines if line.line_id in deferred], by_id, left)
    others = [line for line in lines if line.line_id not in deferred]
    if requested is None and not others and (whole or not lines):
        nothing = Money.zero(left.sales.currency)
        parts = left if not lines else Parts(sales=nothing, shipping=nothing, tax=nothing, deferred=whole)
        if parts.total.minor <= 0:
            raise OrderNotRefundable
        return parts
    if whole and requested is not None:
        raise RefundInvalid("These lines are refunded at their price; send them without `amount`", pointer="/amount")
    rest = replace(left, deferred={})
    amount = amount_of(requested, others, order_lines=order_lines, left=rest.total)
    return replace(parts_of(amount, left=rest), deferred=whole)


def unreturned_lines(lines: Sequence[OrderLine]) -> list[RefundLine]:
    """Return the units of lines that were not refunded."""
    return [RefundLine(line.id, line.quantity - line.returned) for line in lines if line.returned < line.quantity]


def amount_of(
    requested: Money | None, lines: Sequence[RefundLine], *, order_lines: Sequence[OrderLine], left: Money
) -> Money:
    """Return the amount of a refund: as requested, else the price of the lines, else everything that is left.

    Raises:
        OrderNotRefundable: nothing is left.
        RefundTooLarge: it is more than what is left.
        RefundInvalid: another currency, or a line that the order does not have.
    """
    if left.minor <= 0:
        raise OrderNotRefundable
    by_id = {line.id: line for line in order_lines}
    _must_have(lines, by_id)
    if requested is not None and requested.currency != left.currency:
        raise RefundInvalid(f"This order was paid in {left.currency}", pointer="/amount/currency")
    amount = requested or (_price_of(lines, by_id) if lines else left)
    if amount.minor <= 0 and requested is None:
        raise RefundInvalid(
            "These lines cost nothing, so there is nothing to refund; put their units back into stock with"
            " POST /inventory/adjustments",
            pointer="/lines",
        )
    if amount.minor <= 0:
        raise RefundInvalid("A refund gives back at least one minor unit", pointer="/amount/amount")
    if left < amount:
        raise RefundTooLarge(left={"amount": left.minor, "currency": left.currency})
    return amount


def parts_of(amount: Money, *, left: Parts) -> Parts:
    """Spread a refund over what is left of sales, shipping and tax by largest remainder.

    Weights are what is left, so that no part falls below zero, and the last refund empties all of them exactly.
    """
    sales, shipping, tax = amount.split([left.sales.minor, left.shipping.minor, left.tax.minor])
    return Parts(sales=sales, shipping=shipping, tax=tax)


def _deferred_prices(lines: Sequence[RefundLine], by_id: Mapping[UUID, OrderLine], left: Parts) -> dict[UUID, Money]:
    """Return the prices of deferred lines that are refunded."""
    for line in lines:
        if line.quantity != by_id[line.line_id].quantity:
            raise RefundInvalid(
                f"This line is refunded as a whole: all {by_id[line.line_id].quantity} units", pointer="/lines"
            )
        if line.line_id not in left.deferred:
            raise RefundTooLarge("This line was refunded before")
    return {line.line_id: by_id[line.line_id].total for line in lines}


def _must_have(lines: Sequence[RefundLine], by_id: Mapping[UUID, OrderLine]) -> None:
    if not {line.line_id for line in lines} <= set(by_id):
        raise RefundInvalid("The order has no such line", pointer="/lines")
    if len({line.line_id for line in lines}) < len(lines):
        raise RefundInvalid("Name each line once, with all units that are refunded", pointer="/lines")


def _price_of(lines: Sequence[RefundLine], by_id: Mapping[UUID, OrderLine]) -> Money:
    prices = []
    for line in lines:
        sold = by_id[line.line_id]
        share = sold.tax.minor * line.quantity // sold.quantity
        prices.append(sold.unit_price.times(line.quantity) + Money(share, sold.tax.currency))
    return sum(prices[1:], start=prices[0])


def _all_as_sales(order: Order) -> Parts:
    totals = order.totals
    return Parts(sales=totals.subtotal - totals.discount, shipping=totals.shipping, tax=totals.tax)


def _separate(deferred: Sequence[OrderLine], parts: Parts) -> Parts:
    """Move the prices of these lines from the sales to parts of their own."""
    prices = {line.id: line.total for line in deferred}
    deferred_total = total(list(prices.values()), currency=parts.sales.currency)
    return replace(parts, sales=parts.sales - deferred_total, deferred=prices)
