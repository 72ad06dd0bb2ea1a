"""What a refund gives back, and from which part of the order's settlement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from luxewin.kit.money import Money, total
from luxewin.modules.orders.domain.orders import Order, OrderLine
from luxewin.modules.orders.errors import OrderNotRefundable, RefundInvalid, RefundTooLarge


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """An amount by where it was earned: goods, shipping, tax, and the tickets of each raffle."""

    goods: Money
    shipping: Money
    tax: Money
    tickets: Mapping[UUID, Money] = field(default_factory=dict)

    @property
    def tickets_total(self) -> Money:
        """What all its tickets come to."""
        return total(list(self.tickets.values()), currency=self.goods.currency)

    @property
    def total(self) -> Money:
        """The whole."""
        return self.goods + self.shipping + self.tax + self.tickets_total

    def minus(self, other: "Parts") -> "Parts":
        """Return what is left after another amount was taken, none of it for tickets."""
        return replace(
            self, goods=self.goods - other.goods, shipping=self.shipping - other.shipping, tax=self.tax - other.tax
        )


@dataclass(frozen=True, slots=True)
class RefundLine:
    """How many pieces of an order line are given back."""

    line_id: UUID
    quantity: int


def settled_parts(order: Order) -> Parts:
    """Return what an order's payment was for."""
    return _with_tickets(order.tickets, _priced(order))


def left_parts(order: Order, refunded: Parts) -> Parts:
    """Return what is left of an order's payment after earlier refunds, which count the price of tickets as `goods`."""
    return _with_tickets([line for line in order.tickets if not line.returned], _priced(order).minus(refunded))


def granted_parts(
    asked: Money | None, lines: Sequence[RefundLine], *, order_lines: Sequence[OrderLine], left: Parts
) -> Parts:
    """Decide what a refund takes from where: as asked, else the price of the lines, else all that is left.

    Tickets are given back by whole lines, at their price: half a purchase has no numbers of its own.

    Raises:
        OrderNotRefundable: nothing is left.
        RefundTooLarge: more than what is left.
        RefundInvalid: another currency, a line the order does not have, or a part of some tickets.
    """
    tickets, others = _parted(lines, {line.id: line for line in order_lines}, left)
    if asked is None and not others and (tickets or not lines):
        nothing = Money.zero(left.goods.currency)
        whole = left if not lines else Parts(goods=nothing, shipping=nothing, tax=nothing, tickets=tickets)
        if whole.total.minor <= 0:
            raise OrderNotRefundable
        return whole
    if tickets and asked is not None:
        raise RefundInvalid("Tickets are given back at their price; name their lines and no amount", pointer="/amount")
    rest = replace(left, tickets={})
    amount = amount_of(asked, others, order_lines=order_lines, left=rest.total)
    return replace(parts_of(amount, left=rest), tickets=tickets)


def unreturned(lines: Sequence[OrderLine]) -> list[RefundLine]:
    """Return the pieces of lines that have not been given back."""
    return [RefundLine(line.id, line.quantity - line.returned) for line in lines if line.returned < line.quantity]


def amount_of(
    asked: Money | None, lines: Sequence[RefundLine], *, order_lines: Sequence[OrderLine], left: Money
) -> Money:
    """Decide the amount of a refund of anything but tickets: as asked, else the price of the lines, else what is left.

    Raises:
        OrderNotRefundable: nothing is left.
        RefundTooLarge: more than what is left.
        RefundInvalid: another currency, or a line the order does not have.
    """
    if left.minor <= 0:
        raise OrderNotRefundable
    by_id = {line.id: line for line in order_lines}
    _must_have(lines, by_id)
    if asked is not None and asked.currency != left.currency:
        raise RefundInvalid(f"This order was paid in {left.currency}", pointer="/amount/currency")
    amount = asked or (_price_of(lines, by_id) if lines else left)
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


def _parted(
    lines: Sequence[RefundLine], by_id: Mapping[UUID, OrderLine], left: Parts
) -> tuple[dict[UUID, Money], list[RefundLine]]:
    """Return the price of the tickets among the lines, by raffle, and the other lines."""
    _must_have(lines, by_id)
    tickets, others = {}, []
    for line in lines:
        sold = by_id[line.line_id]
        if sold.raffle_id is None:
            others.append(line)
            continue
        if line.quantity != sold.quantity:
            raise RefundInvalid("Tickets of one purchase are given back together", pointer="/lines")
        if sold.raffle_id not in left.tickets:
            raise RefundTooLarge("These tickets were given back before")
        tickets[sold.raffle_id] = sold.total
    return tickets, others


def _must_have(lines: Sequence[RefundLine], by_id: Mapping[UUID, OrderLine]) -> None:
    if not {line.line_id for line in lines} <= set(by_id):
        raise RefundInvalid("The order has no such line", pointer="/lines")


def _price_of(lines: Sequence[RefundLine], by_id: Mapping[UUID, OrderLine]) -> Money:
    prices = []
    for line in lines:
        sold = by_id[line.line_id]
        share = sold.tax.minor * line.quantity // sold.quantity
        prices.append(sold.unit_price.times(line.quantity) + Money(share, sold.tax.currency))
    return sum(prices[1:], start=prices[0])


def _priced(order: Order) -> Parts:
    totals = order.totals
    return Parts(goods=totals.subtotal - totals.discount, shipping=totals.shipping, tax=totals.tax)


def _with_tickets(lines: Sequence[OrderLine], parts: Parts) -> Parts:
    """Return the parts with these lines of tickets told apart from the goods."""
    tickets = {line.raffle_id: line.total for line in lines if line.raffle_id is not None}
    priced = total(list(tickets.values()), currency=parts.goods.currency)
    return replace(parts, goods=parts.goods - priced, tickets=tickets)
