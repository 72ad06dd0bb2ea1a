"""Placing an order: the cart becomes an order, its stock and its tickets are held, all in one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from luxewin.kit.money import AmountTooLargeError
from luxewin.kit.transaction import Transaction
from luxewin.modules.cart import public as cart
from luxewin.modules.cart.public import Basket, BasketItem, CartOwner
from luxewin.modules.catalog import public as catalog
from luxewin.modules.catalog.public import Sellable
from luxewin.modules.inventory import public as inventory
from luxewin.modules.inventory.public import StockLine
from luxewin.modules.orders import repository
from luxewin.modules.orders.domain.orders import Delivery, Order, OrderLine, new_order
from luxewin.modules.orders.errors import ItemUnavailable, OrderTooLarge, ShippingAddressRequired
from luxewin.modules.orders.events import OrderPlaced
from luxewin.modules.orders.service.lines import goods_line, ticket_line
from luxewin.modules.orders.service.receive_payment import settle_free_order
from luxewin.modules.raffles import public as raffles
from luxewin.modules.raffles.public import AccountRequired, RaffleSecrets, TicketLine, TicketRequest
from luxewin.modules.shipping import public as shipping
from luxewin.modules.shipping.public import ShippableLine
from luxewin.modules.tax import public as tax
from luxewin.modules.tax.public import TaxableLine


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceOrder:
    """What a buyer decides when placing an order; `order_id` is given by the intent, so that a repeat is the same."""

    order_id: UUID
    owner: CartOwner
    user_id: UUID | None
    email: str | None
    shipping_address: Mapping[str, Any] | None
    shipping_method: str | None
    secrets: RaffleSecrets


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bought:
    """What a cart holds as it can be had at this moment: goods by variant, tickets by raffle."""

    basket: Basket
    goods: Mapping[UUID, Sellable]
    stakes: Mapping[UUID, TicketLine]

    @property
    def priced(self) -> list[tuple[BasketItem, Sellable]]:
        """Its goods, each with how many of it."""
        return [(item, self.goods[item.offer_id]) for item in self.basket.goods]


async def place_order(tx: Transaction, command: PlaceOrder) -> Order:
    """Turn the open cart into an order that waits for its payment, and hold its stock and its tickets until then.

    Raises:
        CartEmpty, ItemUnavailable, SoldOut, ShippingAddressRequired, ShippingMethodUnknown, OrderTooLarge, or what
            `raffles.quote_tickets` refuses: nothing was changed.
        AccountRequired: a guest's cart holds tickets.
        CartChanged: somebody else ordered or changed the cart at the same moment.
    """
    basket = await cart.open_basket(tx, command.owner)
    stakes = await _stakes(tx, command, basket)
    bought = _Bought(basket=basket, goods=await _goods(tx, basket), stakes={stake.raffle_id: stake for stake in stakes})
    wanted = [StockLine(item.offer_id, item.quantity) for item in basket.goods]
    allocations = await inventory.allocate(tx, wanted) if wanted else []
    try:
        order = await _order(tx, command, bought)
        due = order.totals.total
    except AmountTooLargeError as error:
        raise OrderTooLarge from error
    tx.write(cart.close(tx, basket), *repository.add(tx, order))
    # Last, so that the rows everybody wants are locked for as short a time as can be; stock before tickets, always.
    if allocations:
        tx.write(*inventory.hold(tx, allocations, owner_id=order.id, until=order.expires_at))
    if stakes and command.user_id is not None:
        tx.write(*raffles.hold(tx, stakes, order_id=order.id, entrant_id=command.user_id, secrets=command.secrets))
    tx.publish(OrderPlaced.of(order))
    if due.minor == 0:
        return await settle_free_order(tx, order)
    return order


async def _stakes(tx: Transaction, command: PlaceOrder, basket: Basket) -> Sequence[TicketLine]:
    if not basket.tickets:
        return ()
    if command.user_id is None:
        raise AccountRequired
    wishes = [TicketRequest(item.offer_id, item.quantity, item.answer) for item in basket.tickets]
    stakes = await raffles.quote_tickets(tx, wishes, entrant_id=command.user_id, secrets=command.secrets)
    elsewhere = [stake.raffle_id for stake in stakes if stake.unit_price.currency != basket.currency]
    if elsewhere:
        raise ItemUnavailable(raffle_ids=elsewhere)
    return stakes


async def _goods(tx: Transaction, basket: Basket) -> Mapping[UUID, Sellable]:
    wanted = [item.offer_id for item in basket.goods]
    goods = await catalog.sellable(tx, wanted) if wanted else {}
    missing = [variant_id for variant_id in wanted if variant_id not in goods]
    if missing:
        raise ItemUnavailable(variant_ids=missing)
    return goods


async def _order(tx: Transaction, command: PlaceOrder, bought: _Bought) -> Order:
    currency = bought.basket.currency
    delivery = await _delivery(tx, command, bought)
    return new_order(
        command.order_id,
        await _lines(tx, bought, delivery),
        delivery,
        user_id=command.user_id,
        email=command.email,
        currency=currency,
        at=await tx.now(),
    )


async def _delivery(tx: Transaction, command: PlaceOrder, bought: _Bought) -> Delivery:
    """Return how the goods are sent; tickets are not."""
    currency, address = bought.basket.currency, command.shipping_address
    if not bought.goods:
        return Delivery.of_nothing(currency)
    if address is None:
        raise ShippingAddressRequired(pointer="/shipping_address")
    quoted = await shipping.quote(
        tx,
        method=command.shipping_method,
        country=str(address["country"]),
        goods=[ShippableLine(good.requires_shipping, item.quantity, good.weight_grams) for item, good in bought.priced],
        currency=currency,
    )
    return Delivery(method=quoted.method, amount=quoted.amount, address=address)


async def _lines(tx: Transaction, bought: _Bought, delivery: Delivery) -> list[OrderLine]:
    """Return the lines in the order of the cart."""
    lines = {raffle_id: ticket_line(stake) for raffle_id, stake in bought.stakes.items()}
    if delivery.address is not None:
        taxes = await tax.quote(
            tx,
            [TaxableLine(good.unit_price.times(item.quantity), good.taxable) for item, good in bought.priced],
            str(delivery.address["country"]),
            bought.basket.currency,
        )
        for (item, good), amount in zip(bought.priced, taxes.per_line, strict=True):
            lines[item.offer_id] = goods_line(
                good, quantity=item.quantity, unit_price=good.unit_price, tax_amount=amount
            )
    return [lines[item.offer_id] for item in bought.basket.items]
