"""How a prize is claimed: whoever has won it says where it goes, and its order is placed in the same commit."""

from uuid import UUID

from luxewin.kit.http.context import RequestContext, answer
from luxewin.kit.idempotency import StoredAnswer
from luxewin.kit.transaction import Transaction
from luxewin.modules.orders import public as orders
from luxewin.modules.orders.public import Order, PrizePlacing
from luxewin.modules.raffles import public as raffles
from luxewin.modules.raffles.public import AddressRequired, ClaimView, NewClaim, Prize, Raffle


async def claim_prize(tx: Transaction, context: RequestContext, raffle_id: UUID, new: NewClaim) -> StoredAnswer:
    """Note the claim, and order the prize where it is sent; the order's id was fixed with the prize, so it is one."""
    user_id = context.principal.user_id
    assert user_id is not None, "the permission demands an account"
    raffle = raffles.must_be_drawn(await raffles.find_raffle(tx, raffle_id))
    winner = await raffles.own_claim(tx, raffle_id, new.prize, entrant_id=user_id)
    winner.must_be_claimable(await tx.now())
    prize = raffles.prize_of(raffle, winner)
    order = await _order(tx, raffle, prize, new, user_id=user_id)
    await raffles.claim_prize(tx, raffle, winner, order_id=None if order is None else order.id)
    await tx.flush()  # whoever claims at the same moment waits here, and finds it claimed
    if order is not None:
        await orders.place_prize(tx, order)
        await tx.flush()
    claimed = await raffles.own_claim(tx, raffle_id, new.prize, entrant_id=user_id)
    return answer(ClaimView.of(raffle_id, claimed, prize), status=201)


async def _order(tx: Transaction, raffle: Raffle, prize: Prize, new: NewClaim, *, user_id: UUID) -> Order | None:
    """Return the order that ships a prize; None where none does, and the shop hands it over."""
    if prize.variant_id is None or prize.order_id is None:
        return None
    if new.shipping_address is None:
        raise AddressRequired(pointer="/shipping_address")
    placing = PrizePlacing(
        order_id=prize.order_id,
        user_id=user_id,
        variant_id=prize.variant_id,
        currency=raffle.terms.ticket_price.currency,
        shipping_address=new.shipping_address.plain(),
        shipping_method=new.shipping_method,
    )
    return await orders.prize_order(tx, placing)
