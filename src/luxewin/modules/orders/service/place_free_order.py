"""Placing a free order for an item that is already reserved under the order's id."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from luxewin.kit.money import Money
from luxewin.kit.transaction import Transaction
from luxewin.modules.cart.public import BasketItem
from luxewin.modules.line_kinds.public import KINDS, Dispatch
from luxewin.modules.orders import repository
from luxewin.modules.orders.domain.orders import Delivery, Order, new_order
from luxewin.modules.orders.events import OrderPlaced
from luxewin.modules.orders.service.order_lines import order_line
from luxewin.modules.orders.service.receive_payment import settle_free_order
from luxewin.modules.shipping import public as shipping
from luxewin.modules.shipping.public import ShippableLine


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceFreeOrder:
    """Send an item to an account, free of charge; it is reserved under `order_id`, so that it is sent once."""

    order_id: UUID
    user_id: UUID
    item: BasketItem
    currency: str
    shipping_address: Mapping[str, Any]
    shipping_method: str | None


async def free_order(tx: Transaction, command: PlaceFreeOrder) -> Order | None:
    """Return the order that would send an item, for `place_free_order`; None if the item is no longer sold.

    Raises:
        ShippingMethodUnknown, DestinationNotServed: it cannot be sent there.
    """
    descriptions = await KINDS.get(command.item.kind).describe(tx, [command.item])
    if not descriptions:
        return None
    (line,) = descriptions
    dispatch = line.dispatch or Dispatch(requires_shipping=False, weight_grams=None, taxable=False)
    nothing = Money.zero(command.currency)
    quote = await shipping.quote(
        tx,
        method=command.shipping_method,
        country=str(command.shipping_address["country"]),
        goods=[ShippableLine(dispatch.requires_shipping, line.quantity, dispatch.weight_grams)],
        currency=command.currency,
    )
    return new_order(
        command.order_id,
        [order_line(replace(line, unit_price=nothing))],
        Delivery(method=quote.method, amount=nothing, address=command.shipping_address),
        user_id=command.user_id,
        email=None,
        currency=command.currency,
        at=await tx.now(),
    )


async def place_free_order(tx: Transaction, order: Order) -> None:
    """Place a free order, and fulfil its reserved line."""
    tx.write(*repository.add(tx, order))
    tx.publish(OrderPlaced.of(order))
    await settle_free_order(tx, order)
