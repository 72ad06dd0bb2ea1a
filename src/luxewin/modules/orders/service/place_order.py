"""Placing an order: its lines are quoted, and reserved in the statement that stores it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from luxewin.kit.money import AmountTooLargeError, Money
from luxewin.kit.transaction import Transaction
from luxewin.modules.cart import public as cart
from luxewin.modules.cart.public import (
    BasketItem,
    CartOwner,
    CheckoutDetails,
    Confirm,
    OrderTooLarge,
    Price,
    PricedLine,
)
from luxewin.modules.line_kinds.public import KINDS, Buyer, Quote, QuotedLine
from luxewin.modules.orders import repository
from luxewin.modules.orders.domain.holds import HoldPolicy
from luxewin.modules.orders.domain.orders import Delivery, Order, must_cost, new_order
from luxewin.modules.orders.errors import EmailRequired, ShippingAddressRequired
from luxewin.modules.orders.events import OrderPlaced
from luxewin.modules.orders.service.limit_holds import limit_hold, serialise_holds
from luxewin.modules.orders.service.order_lines import order_line
from luxewin.modules.orders.service.receive_payment import settle_free_order
from luxewin.modules.shipping import public as shipping
from luxewin.modules.shipping.public import ShippingMethod


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceOrder:
    """Order everything in a cart; `order_id` is the intent's id, so that a repeated request places the same order.

    `details` come before those of the cart. The order must cost `expected_total`, if it is set; `confirm` is called
    with the cart's entity tag, if it is set, and raises an error if the caller expects another. What the order reserves
    is limited by `holds`, if it is set.
    """

    order_id: UUID
    buyer: Buyer
    owner: CartOwner
    details: CheckoutDetails
    expected_total: Money | None = None
    confirm: Confirm | None = None
    holds: HoldPolicy | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceItems:
    """Order items that are in no cart; `order_id` is the intent's id.

    All must be in `currency`; if it is None, in the currency of the first one. What the order reserves is
    limited by `holds`, if it is set.
    """

    order_id: UUID
    buyer: Buyer
    items: Sequence[BasketItem]
    currency: str | None = None
    details: CheckoutDetails = field(default_factory=CheckoutDetails)
    expected_total: Money | None = None
    holds: HoldPolicy | None = None


async def place_order(tx: Transaction, command: PlaceOrder) -> Order:
    """Turn the open cart into an order that awaits its payment; an order that costs nothing is paid at once.

    Raises:
        CartEmpty, EmailRequired, ShippingAddressRequired, ShippingMethodUnknown, DestinationNotServed, OrderTooLarge,
            TotalChanged, TooManyUnpaidOrders, HoldTooLarge, PayAtOnce: nothing was changed.
        DomainError: a line kind does not let this buyer have an item; nothing was changed.
        CartChanged: another request ordered or changed the cart at the same time.
    """
    opened = await cart.open_cart(tx, command.owner)
    basket = opened.basket
    details = command.details.completed_by(basket.details)
    await serialise_holds(tx, command.buyer, details.email, command.holds)
    quotes = await _quotes(tx, basket.items, buyer=command.buyer, currency=basket.currency)
    quoted = _in_order(basket.items, quotes)
    if command.confirm is not None:
        command.confirm(await cart.entity_tag_of(tx, opened, _priced(quoted)))
    order = await _order(tx, command, quoted, details, methods=opened.methods, currency=basket.currency)
    tx.write(cart.close(tx, basket))
    return await _place(tx, order, quotes)


async def place_items(tx: Transaction, command: PlaceItems) -> Order:
    """Order items that are in no cart; an order that costs nothing is paid at once.

    Raises:
        EmailRequired, ShippingAddressRequired, ShippingMethodUnknown, DestinationNotServed, OrderTooLarge,
            TotalChanged, TooManyUnpaidOrders, HoldTooLarge, PayAtOnce, DomainError: as `place_order` raises them.
    """
    await serialise_holds(tx, command.buyer, command.details.email, command.holds)
    quotes = await _quotes(tx, command.items, buyer=command.buyer, currency=command.currency)
    quoted = _in_order(command.items, quotes)
    currency = command.currency or quoted[0].unit_price.currency
    methods = await shipping.offered_methods(tx, currency=currency) if _is_shipped(quoted) else []
    order = await _order(tx, command, quoted, command.details, methods=methods, currency=currency)
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
    tx: Transaction,
    command: PlaceOrder | PlaceItems,
    quoted: Sequence[QuotedLine],
    details: CheckoutDetails,
    *,
    methods: Sequence[ShippingMethod],
    currency: str,
) -> Order:
    if command.buyer.user_id is None and details.email is None:
        raise EmailRequired(pointer="/email")
    try:
        price = await cart.price(tx, _priced(quoted), details, methods=methods, currency=currency)
        order = new_order(
            command.order_id,
            [order_line(line, tax=tax) for line, tax in zip(quoted, price.taxes, strict=True)],
            _delivery(quoted, details, price),
            user_id=command.buyer.user_id,
            email=details.email,
            currency=currency,
            at=await tx.now(),
            billing_address=details.billing_address,
            note=details.note,
        )
        total = order.totals.total  # derived, so AmountTooLargeError is raised only here
    except AmountTooLargeError as error:
        raise OrderTooLarge from error
    assert total.minor >= 0, "no price is negative"
    must_cost(order, command.expected_total)
    return await limit_hold(tx, order, quoted, command.holds)


def _delivery(quoted: Sequence[QuotedLine], details: CheckoutDetails, price: Price) -> Delivery:
    """Return the delivery of the lines; nothing but goods has an address, and only what is shipped requires one.

    Raises:
        ShippingAddressRequired: a line is shipped, and there is no address.
    """
    address = details.shipping_address
    if price.shipping is None or (address is None and _is_shipped(quoted)):
        raise ShippingAddressRequired(pointer="/shipping_address")
    has_goods = any(line.dispatch is not None for line in quoted)
    return Delivery(method=price.shipping.method, amount=price.shipping.amount, address=address if has_goods else None)


def _priced(quoted: Sequence[QuotedLine]) -> list[PricedLine]:
    return [PricedLine(line.unit_price, line.quantity, line.dispatch) for line in quoted]


def _is_shipped(quoted: Sequence[QuotedLine]) -> bool:
    return any(line.dispatch is not None and line.dispatch.requires_shipping for line in quoted)


async def _place(tx: Transaction, order: Order, quotes: Sequence[Quote]) -> Order:
    tx.write(*repository.add(tx, order))
    # Last in the statement, so that rows which many orders share are locked as briefly as possible.
    for quote in quotes:
        tx.write(*quote.reserve(tx, order_id=order.id, until=order.expires_at))
    tx.publish(OrderPlaced.of(order))
    return order if order.totals.total.minor else await settle_free_order(tx, order)
