"""Cancelling a raffle whose list is locked: one of the staff proposes it, another confirms it.

Its draw is made all the same, when its round is due: nobody wins, and everybody sees who would have won.
"""

from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.raffles.domain.cancelling import Cancellation, must_cancel_in_time
from luxewin.modules.raffles.domain.draws import Schedule
from luxewin.modules.raffles.domain.encoding import Json
from luxewin.modules.raffles.domain.raffles import Raffle
from luxewin.modules.raffles.errors import CancellationUnknown
from luxewin.modules.raffles.repository import cancellations, draws
from luxewin.modules.raffles.service.draw_raffles import void_raffle


async def propose_cancellation(tx: Transaction, raffle: Raffle, rules: Json, *, reason: str, by: UUID) -> Cancellation:
    """Propose to cancel a locked raffle; nothing comes of it until another person confirms it.

    Raises:
        RaffleStateForbids: it is not locked, or its round is due.
        CancellationDecided: (at the flush) it was proposed before.
    """
    now = await tx.now()
    must_cancel_in_time(raffle, now, draws_at=Schedule.of(rules).draws_at)
    proposal = Cancellation(reason=reason, proposed_by=by, proposed_at=now)
    tx.write(cancellations.propose(tx, raffle.id, proposal))
    tx.audit("raffles.cancellation_proposed", target=raffle.id, after={"reason": reason})
    return proposal


async def confirm_cancellation(tx: Transaction, raffle: Raffle, rules: Json, *, by: UUID) -> None:
    """Confirm what another person has proposed: the raffle ends, and its purchases are given back.

    Raises:
        CancellationUnknown: nobody has proposed it.
        TwoPeopleNeeded: the same person has.
        CancellationDecided: it was confirmed before.
        RaffleStateForbids: it is not locked, or its round is due.
        RaffleChanged: (at the flush) it was drawn or anchored at the same moment.
    """
    proposal = await cancellations.find(tx, raffle.id)
    if proposal is None:
        raise CancellationUnknown
    proposal.must_be_confirmable_by(by)
    must_cancel_in_time(raffle, await tx.now(), draws_at=Schedule.of(rules).draws_at)
    tx.write(cancellations.confirm(tx, raffle.id, confirmed_by=by))
    tx.audit("raffles.cancellation_confirmed", target=raffle.id, after={"reason": proposal.reason})
    await void_raffle(tx, raffle, reason=proposal.reason)


async def cancellation_of(tx: Transaction, raffle_id: UUID) -> tuple[Cancellation, Json | None]:
    """Return what was proposed or decided of a raffle, and the outcome of the draw that nobody has won.

    Raises:
        CancellationUnknown: nothing was.
    """
    found = await cancellations.find(tx, raffle_id)
    if found is None:
        raise CancellationUnknown
    draw = await draws.draw_of(tx, raffle_id) if found.is_confirmed else None
    return found, draw.outcome if draw else None
