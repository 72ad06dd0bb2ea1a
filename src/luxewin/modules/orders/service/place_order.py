"""Placing an order: the cart becomes an order, its stock is held, all in one statement."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from luxewin.kit.ids import new_id
from luxewin.kit.money import AmountTooLargeError, Money
from luxewin.kit.transaction import Transaction
from luxewin.modules.cart import public as cart
from luxewin.modules.cart.public import Basket, CartOwner
from luxewin.modules.catalog import public as catalog
from luxewin.modules.catalog.public import Sellable
from luxewin.modules.inventory import public as inventory
from luxewin.modules.inventory.public import StockLine
from luxewin.modules.orders import repository
from luxewin.modules.orders.domain.orders import (
    PAYMENT_WINDOW,
    Order,
    OrderLine,
    OrderStatus,
    new_number,
    totals_of,
)
from luxewin.modules.orders.errors import ItemUnavailable, OrderTooLarge
from luxewin.modules.orders.events import OrderPlaced
from luxewin.modules.orders.service.receive_payment import settle_free_order
from luxewin.modules.shipping import public as shipping
from luxewin.modules.shipping.public import ShippableLine
from luxewin.modules.tax import public as tax
from luxewin.modules.tax.public import TaxableLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Placing:
    """What a buyer decides when placing an order; `order_id` is given by the intent, so that a repeat is the same."""

    order_id: UUID
    owner: CartOwner
    user_id: UUID | None
    email: str | None
    shipping_address: Mapping[str, Any]
    shipping_method: str | None


async def place_order(tx: Transaction, placing: Placing) -> Order:
    """Turn the open cart into an order that waits for its payment, and hold its stock until then.

    Raises:
        CartEmpty, ItemUnavailable, SoldOut, ShippingMethodUnknown, OrderTooLarge: nothing was changed.
        CartChanged: somebody else ordered or changed the cart at the same moment.
    """
    basket = await cart.open_basket(tx, placing.owner)
    goods = await _goods(tx, basket)
    allocations = await inventory.allocate(tx, [StockLine(item.variant_id, item.quantity) for item in basket.items])
    order, due = await _summed(tx, placing, basket, goods)
    tx.write(cart.close(tx, basket), *repository.add(tx, order))
    # Last, so that a row everybody wants is locked for as short a time as can be.
    tx.write(*inventory.hold(tx, allocations, owner_id=order.id, until=order.expires_at))
    tx.announce(OrderPlaced.of(order))
    if due.minor == 0:
        return await settle_free_order(tx, order)
    return order


async def _goods(tx: Transaction, basket: Basket) -> dict[UUID, Sellable]:
    goods = await catalog.sellable(tx, [item.variant_id for item in basket.items])
    missing = [item.variant_id for item in basket.items if item.variant_id not in goods]
    if missing:
        raise ItemUnavailable(variant_ids=missing)
    return goods


async def _summed(
    tx: Transaction, placing: Placing, basket: Basket, goods: Mapping[UUID, Sellable]
) -> tuple[Order, Money]:
    try:
        order = await _order(tx, placing, basket, goods)
        due = order.totals.total
    except AmountTooLargeError as error:
        raise OrderTooLarge from error
    return order, due


async def _order(tx: Transaction, placing: Placing, basket: Basket, goods: Mapping[UUID, Sellable]) -> Order:
    country = str(placing.shipping_address["country"])
    priced = [(item, goods[item.variant_id]) for item in basket.items]
    delivery = await shipping.quote(
        tx,
        method=placing.shipping_method,
        country=country,
        goods=[ShippableLine(good.requires_shipping, item.quantity, good.weight_grams) for item, good in priced],
        currency=basket.currency,
    )
    taxes = await tax.quote(
        tx,
        [TaxableLine(good.unit_price.times(item.quantity), good.taxable) for item, good in priced],
        country,
        basket.currency,
    )
    lines = [
        goods_line(good, quantity=item.quantity, kind=item.kind, unit_price=good.unit_price, tax_amount=amount)
        for (item, good), amount in zip(priced, taxes.per_line, strict=True)
    ]
    now = await tx.now()
    return Order(
        id=placing.order_id,
        number=new_number(),
        user_id=placing.user_id,
        email=placing.email,
        status=OrderStatus.PENDING_PAYMENT,
        currency=basket.currency,
        lines=lines,
        totals=totals_of(lines, shipping=delivery.amount, currency=basket.currency),
        shipping_method=delivery.method,
        shipping_address=placing.shipping_address,
        placed_at=now,
        expires_at=now + PAYMENT_WINDOW,
        version=1,
    )


def goods_line(good: Sellable, *, quantity: int, kind: str, unit_price: Money, tax_amount: Money) -> OrderLine:
    """Return the line of an order that ships pieces of a variant."""
    return OrderLine(
        id=new_id(),
        kind=kind,
        variant_id=good.variant_id,
        product_id=good.product_id,
        product_slug=good.product_slug,
        name=good.name,
        sku=good.sku,
        options=good.options,
        image_url=good.image_url,
        vendor_id=good.vendor_id,
        quantity=quantity,
        unit_price=unit_price,
        tax=tax_amount,
    )
