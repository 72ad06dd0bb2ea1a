"""Placing the order that ships a prize: one piece, held since the raffle was published, and nothing to pay."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from luxewin.kit.money import Money
from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog import public as catalog
from luxewin.modules.orders import repository
from luxewin.modules.orders.domain.orders import Delivery, Order, new_order
from luxewin.modules.orders.events import OrderPlaced
from luxewin.modules.orders.service.lines import goods_line
from luxewin.modules.orders.service.receive_payment import settle_free_order
from luxewin.modules.shipping import public as shipping
from luxewin.modules.shipping.public import ShippableLine


@dataclass(frozen=True, slots=True, kw_only=True)
class PrizePlacing:
    """A prize on its way to who has won it; `order_id` is what the piece is held under, so that it is sent once."""

    order_id: UUID
    user_id: UUID
    variant_id: UUID
    currency: str
    shipping_address: Mapping[str, Any]
    shipping_method: str | None


async def prize_order(tx: Transaction, command: PrizePlacing) -> Order | None:
    """Return the order that would ship a prize, for nothing; None where the shop does not sell it any more.

    Raises:
        ShippingMethodUnknown, DestinationNotServed: it cannot be sent there.
    """
    good = (await catalog.sellable(tx, [command.variant_id])).get(command.variant_id)
    if good is None:
        return None
    nothing = Money.zero(command.currency)
    delivery = await shipping.quote(
        tx,
        method=command.shipping_method,
        country=str(command.shipping_address["country"]),
        goods=[ShippableLine(good.requires_shipping, 1, good.weight_grams)],
        currency=command.currency,
    )
    lines = [goods_line(good, quantity=1, unit_price=nothing, tax_amount=nothing)]
    return new_order(
        command.order_id,
        lines,
        Delivery(method=delivery.method, amount=nothing, address=command.shipping_address),
        user_id=command.user_id,
        email=None,
        currency=command.currency,
        at=await tx.now(),
    )


async def place_prize(tx: Transaction, order: Order) -> None:
    """Place the order of a prize, and take its piece off the shelf; it was claimed before in the same transaction."""
    tx.write(*repository.add(tx, order))
    tx.publish(OrderPlaced.of(order))
    await settle_free_order(tx, order)
