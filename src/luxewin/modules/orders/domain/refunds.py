"""What a refund gives back, and from which part of the order's settlement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from luxewin.kit.money import Money
from luxewin.modules.orders.domain.orders import OrderLine
from luxewin.modules.orders.errors import OrderNotRefundable, RefundInvalid, RefundTooLarge


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """An amount by where it was earned: goods, shipping, tax."""

    goods: Money
    shipping: Money
    tax: Money

    @property
    def total(self) -> Money:
        """The whole."""
        return self.goods + self.shipping + self.tax

    def minus(self, other: "Parts") -> "Parts":
        """Return what is left after another amount was taken."""
        return Parts(goods=self.goods - other.goods, shipping=self.shipping - other.shipping, tax=self.tax - other.tax)


@dataclass(frozen=True, slots=True)
class RefundLine:
    """How many pieces of an order line are given back."""

    line_id: UUID
    quantity: int


def amount_of(
    asked: Money | None, lines: Sequence[RefundLine], *, order_lines: Sequence[OrderLine], left: Money
) -> Money:
    """Decide a refund's amount: as asked, else the price of the lines, else all that is left.

    Raises:
        OrderNotRefundable: nothing is left.
        RefundTooLarge: more than what is left.
        RefundInvalid: another currency, or a line the order does not have.
    """
    if left.minor <= 0:
        raise OrderNotRefundable
    if not {line.line_id for line in lines} <= {line.id for line in order_lines}:
        raise RefundInvalid("The order has no such line", pointer="/lines")
    if asked is not None and asked.currency != left.currency:
        raise RefundInvalid(f"This order was paid in {left.currency}", pointer="/amount/currency")
    amount = asked or (_price_of(lines, order_lines) if lines else left)
    if amount.minor <= 0:
        raise RefundInvalid("A refund gives back at least one minor unit", pointer="/amount/amount")
    if left < amount:
        raise RefundTooLarge(left={"amount": left.minor, "currency": left.currency})
    return amount


def parts_of(amount: Money, *, left: Parts) -> Parts:
    """Spread a refund over what is left of goods, shipping and tax by largest remainder.

    Weighing by what is left keeps every part at or above zero, and the last refund empties all of them exactly.
    """
    goods, shipping, tax = amount.split([left.goods.minor, left.shipping.minor, left.tax.minor])
    return Parts(goods=goods, shipping=shipping, tax=tax)


def _price_of(lines: Sequence[RefundLine], order_lines: Sequence[OrderLine]) -> Money:
    by_id: Mapping[UUID, OrderLine] = {line.id: line for line in order_lines}
    prices = []
    for line in lines:
        sold = by_id[line.line_id]
        share = sold.tax.minor * line.quantity // sold.quantity
        prices.append(sold.unit_price.times(line.quantity) + Money(share, sold.tax.currency))
    return sum(prices[1:], start=prices[0])
