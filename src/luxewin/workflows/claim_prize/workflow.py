"""Claiming a prize: the winner sends an address, and the prize's order is placed in the same transaction."""

from dataclasses import dataclass
from uuid import UUID

from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.modules.cart.public import BasketItem
from luxewin.modules.line_kinds.public import GOODS
from luxewin.modules.orders import public as orders
from luxewin.modules.orders.public import Order, PlaceFreeOrder
from luxewin.modules.payments import public as payments
from luxewin.modules.raffles import public as raffles
from luxewin.modules.raffles.public import AddressRequired, NewClaim, Prize, PrizePaymentDisputed, Raffle, Winner


@dataclass(frozen=True, slots=True)
class Claimed:
    """A prize that was claimed, and its winner as recorded now."""

    winner: Winner
    prize: Prize


async def claim_prize(tx: Transaction, raffle_id: UUID, new: NewClaim, *, user_id: UUID) -> Claimed:
    """Record the claim, and place the order that ships the prize; the prize determines the order's id.

    Raises:
        RaffleUnknown, NotDrawn, ClaimUnknown, AlreadyClaimed, ClaimOver, PrizePaymentDisputed, AddressRequired,
            ShippingMethodUnknown, DestinationNotServed: nothing was changed.
    """
    raffle = raffles.must_be_drawn(await raffles.find_raffle(tx, raffle_id))
    winner = await raffles.own_claim(tx, raffle_id, new.prize, entrant_id=user_id)
    winner.must_be_claimable(await tx.now())
    await _must_not_be_disputed(tx, raffle, winner)
    prize = raffles.prize_of(raffle, winner)
    order = await _order(tx, raffle, prize, new, user_id=user_id)
    await raffles.claim_prize(tx, raffle, winner, order_id=None if order is None else order.id)
    await tx.flush()  # a simultaneous claim waits here, and then finds the prize claimed
    if order is not None:
        await orders.place_free_order(tx, order)
        await tx.flush()
    return Claimed(await raffles.own_claim(tx, raffle_id, new.prize, entrant_id=user_id), prize)


async def _must_not_be_disputed(tx: Transaction, raffle: Raffle, winner: Winner) -> None:
    """Check that the payment of the winning ticket is not disputed.

    Raises:
        PrizePaymentDisputed: it is; the prize passes on unless the dispute is settled in time.
    """
    order_id = await raffles.order_of_ticket(tx, raffle.id, winner.number)
    if order_id is not None and await payments.is_disputed(tx, order_id):
        raise PrizePaymentDisputed


async def _order(tx: Transaction, raffle: Raffle, prize: Prize, new: NewClaim, *, user_id: UUID) -> Order | None:
    """Return the order that ships a prize; None for a prize that the shop hands over itself."""
    if prize.variant_id is None or prize.order_id is None:
        return None
    if new.shipping_address is None:
        raise AddressRequired(pointer="/shipping_address")
    command = PlaceFreeOrder(
        order_id=prize.order_id,
        user_id=user_id,
        item=BasketItem(new_id(), GOODS, prize.variant_id, 1),
        currency=raffle.terms.ticket_price.currency,
        shipping_address=new.shipping_address.plain(),
        shipping_method=new.shipping_method,
    )
    return await orders.free_order(tx, command)
