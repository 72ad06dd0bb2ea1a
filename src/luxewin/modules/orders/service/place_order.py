"""Placing an order: its lines are quoted, and reserved in the statement that stores it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from luxewin.kit.money import AmountTooLargeError, Money
from luxewin.kit.transaction import Transaction
from luxewin.modules.cart import public as cart
from luxewin.modules.cart.public import BasketItem, CartOwner
from luxewin.modules.line_kinds.public import KINDS, Buyer, Quote, QuotedLine
from luxewin.modules.orders import repository
from luxewin.modules.orders.domain.orders import Delivery, Order, OrderLine, new_order
from luxewin.modules.orders.errors import OrderTooLarge, ShippingAddressRequired
from luxewin.modules.orders.events import OrderPlaced
from luxewin.modules.orders.service.order_lines import order_line
from luxewin.modules.orders.service.receive_payment import settle_free_order
from luxewin.modules.shipping import public as shipping
from luxewin.modules.shipping.public import ShippableLine
from luxewin.modules.tax import public as tax
from luxewin.modules.tax.public import TaxableLine


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceOrder:
    """Order everything in a cart; `order_id` is the intent's id, so that a repeated request places the same order."""

    order_id: UUID
    owner: CartOwner
    buyer: Buyer
    email: str | None
    shipping_address: Mapping[str, Any] | None
    shipping_method: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceItems:
    """Order items that are in no cart, in the currency of the first one; `order_id` is the intent's id."""

    order_id: UUID
    buyer: Buyer
    items: Sequence[BasketItem]
    email: None = None
    shipping_address: None = None
    shipping_method: None = None


async def place_order(tx: Transaction, command: PlaceOrder) -> Order:
    """Turn the open cart into an order that awaits its payment; an order that costs nothing is paid at once.

    Raises:
        CartEmpty, ShippingAddressRequired, ShippingMethodUnknown, DestinationNotServed, OrderTooLarge: nothing was
            changed.
        DomainError: a line kind does not let this buyer have an item; nothing was changed.
        CartChanged: another request ordered or changed the cart at the same time.
    """
    basket = await cart.open_basket(tx, command.owner)
    quotes = await _quotes(tx, basket.items, buyer=command.buyer, currency=basket.currency)
    order = await _order(tx, command, _in_order(basket.items, quotes), currency=basket.currency)
    tx.write(cart.close(tx, basket))
    return await _place(tx, order, quotes)


async def place_items(tx: Transaction, command: PlaceItems) -> Order:
    """Order items that are in no cart; an order that costs nothing is paid at once.

    Raises:
        ShippingAddressRequired: an item would have to be shipped.
        OrderTooLarge, DomainError: see `place_order`.
    """
    quotes = await _quotes(tx, command.items, buyer=command.buyer, currency=None)
    quoted = _in_order(command.items, quotes)
    order = await _order(tx, command, quoted, currency=quoted[0].unit_price.currency)
    return await _place(tx, order, quotes)


async def _quotes(tx: Transaction, items: Sequence[BasketItem], *, buyer: Buyer, currency: str | None) -> list[Quote]:
    """Return a quote for each kind among the items, in the order of the kinds."""
    return [
        await kind.quote(tx, of_kind, buyer=buyer, currency=currency) for kind, of_kind in KINDS.group_by_kind(items)
    ]


def _in_order(items: Sequence[BasketItem], quotes: Sequence[Quote]) -> list[QuotedLine]:
    """Return the quoted lines in the order of the items."""
    by_offer = {line.offer_id: line for quote in quotes for line in quote.lines}
    return [by_offer[item.offer_id] for item in items]


async def _order(
    tx: Transaction, command: PlaceOrder | PlaceItems, quoted: Sequence[QuotedLine], *, currency: str
) -> Order:
    try:
        delivery = await _delivery(tx, command, quoted, currency=currency)
        order = new_order(
            command.order_id,
            await _lines(tx, quoted, delivery, currency=currency),
            delivery,
            user_id=command.buyer.user_id,
            email=command.email,
            currency=currency,
            at=await tx.now(),
        )
        total = order.totals.total  # derived, so AmountTooLargeError is raised only here
    except AmountTooLargeError as error:
        raise OrderTooLarge from error
    assert total.minor >= 0, "no price is negative"
    return order


async def _delivery(
    tx: Transaction, command: PlaceOrder | PlaceItems, quoted: Sequence[QuotedLine], *, currency: str
) -> Delivery:
    """Return the delivery of the lines with a dispatch."""
    goods = [
        ShippableLine(line.dispatch.requires_shipping, line.quantity, line.dispatch.weight_grams)
        for line in quoted
        if line.dispatch is not None
    ]
    address = command.shipping_address
    if not goods:
        return Delivery.of_nothing(currency)
    if address is None:
        raise ShippingAddressRequired(pointer="/shipping_address")
    quote = await shipping.quote(
        tx, method=command.shipping_method, country=str(address["country"]), goods=goods, currency=currency
    )
    return Delivery(method=quote.method, amount=quote.amount, address=address)


async def _lines(
    tx: Transaction, quoted: Sequence[QuotedLine], delivery: Delivery, *, currency: str
) -> list[OrderLine]:
    """Return the order's lines; those with a dispatch are taxed at the destination."""
    taxes: dict[UUID, Money] = {}
    if delivery.address is not None:
        taxed = [(line, line.dispatch) for line in quoted if line.dispatch is not None]
        quote = await tax.quote(
            tx,
            [TaxableLine(line.amount, dispatch.taxable) for line, dispatch in taxed],
            str(delivery.address["country"]),
            currency,
        )
        taxes = {line.id: amount for (line, _), amount in zip(taxed, quote.per_line, strict=True)}
    return [order_line(line, tax=taxes.get(line.id)) for line in quoted]


async def _place(tx: Transaction, order: Order, quotes: Sequence[Quote]) -> Order:
    tx.write(*repository.add(tx, order))
    # Last in the statement, so that rows which many orders share are locked as briefly as possible.
    for quote in quotes:
        tx.write(*quote.reserve(tx, order_id=order.id, until=order.expires_at))
    tx.publish(OrderPlaced.of(order))
    return order if order.totals.total.minor else await settle_free_order(tx, order)
