"""Cancelling a raffle whose list is locked: one staff member proposes it, another confirms it.

When its round is due, its hypothetical draw is still recorded: nobody wins, and everybody can see who would have won.
"""

from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.identity import public as identity
from luxewin.modules.identity.public import Confirmer
from luxewin.modules.raffles.domain.cancellations import Cancellation, must_cancel_in_time
from luxewin.modules.raffles.domain.draws import Schedule
from luxewin.modules.raffles.domain.encoding import Json
from luxewin.modules.raffles.domain.raffles import Raffle
from luxewin.modules.raffles.errors import CancellationUnknown
from luxewin.modules.raffles.repository import cancellations, draws
from luxewin.modules.raffles.service.cancel_raffles import void_raffle


async def propose_cancellation(tx: Transaction, raffle: Raffle, rules: Json, *, reason: str, by: UUID) -> Cancellation:
    """Propose to cancel a locked raffle; it takes effect only when another person confirms it.

    Raises:
        RaffleStateForbids: it is not locked, or its round is due.
        CancellationDecided: (at the flush) it was already proposed.
    """
    now = await tx.now()
    must_cancel_in_time(raffle, now, draws_at=Schedule.of(rules).draws_at)
    proposal = Cancellation(reason=reason, proposed_by=by, proposed_at=now)
    tx.write(cancellations.propose(tx, raffle.id, proposal))
    tx.audit("raffles.cancellation_proposed", target=raffle.id, after={"reason": reason})
    return proposal


async def confirm_cancellation(tx: Transaction, raffle: Raffle, rules: Json, *, by: Confirmer) -> None:
    """Confirm the proposal of another person: the raffle ends, and its purchases are refunded.

    Raises:
        CancellationUnknown: nobody has proposed it.
        TwoPeopleNeeded: the same person proposed it.
        NotIndependent: the tenant's rules for two people are not met.
        CancellationDecided: it is already confirmed.
        RaffleStateForbids: it is not locked, or its round is due.
        RaffleChanged: (at the flush) it was drawn or anchored at the same time.
    """
    proposal = await cancellations.find(tx, raffle.id)
    if proposal is None:
        raise CancellationUnknown
    proposal.must_be_confirmable_by(by.user_id)
    must_cancel_in_time(raffle, await tx.now(), draws_at=Schedule.of(rules).draws_at)
    await identity.must_be_two_people(tx, by, proposed_by=proposal.proposed_by)
    tx.write(cancellations.confirm(tx, raffle.id, confirmed_by=by.user_id))
    tx.audit("raffles.cancellation_confirmed", target=raffle.id, after={"reason": proposal.reason})
    await void_raffle(tx, raffle, reason=proposal.reason)


async def cancellation_of(tx: Transaction, raffle_id: UUID) -> tuple[Cancellation, Json | None]:
    """Return the proposed or confirmed cancellation of a raffle, and the outcome of its hypothetical draw if recorded.

    Raises:
        CancellationUnknown: nobody has proposed one.
    """
    cancellation = await cancellations.find(tx, raffle_id)
    if cancellation is None:
        raise CancellationUnknown
    draw = await draws.draw_of(tx, raffle_id) if cancellation.is_confirmed else None
    return cancellation, draw.outcome if draw else None
