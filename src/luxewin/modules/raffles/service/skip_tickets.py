"""Tickets that are passed over: proposed by one of the staff, confirmed by another, with a reason everybody sees.

Before the round the draw passes over them, and the proof says so. Of one that has won, the prize is passed on.
"""

from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.raffles.domain.claims import SkipDecision, WinnerStatus, must_skip_in_time
from luxewin.modules.raffles.domain.draws import Schedule
from luxewin.modules.raffles.domain.encoding import Json
from luxewin.modules.raffles.domain.outcome import SkipReason
from luxewin.modules.raffles.domain.raffles import Raffle, RaffleStatus
from luxewin.modules.raffles.errors import ClaimOver, SkipUnknown, TicketNotEntered
from luxewin.modules.raffles.repository import claims
from luxewin.modules.raffles.repository import raffles as repository
from luxewin.modules.raffles.service.claim_prizes import pass_on


async def list_skips(tx: Transaction, raffle_id: UUID) -> list[SkipDecision]:
    """Return what was proposed of a raffle's tickets, and what of it was confirmed."""
    return await claims.skips(tx, raffle_id)


async def propose_skip(
    tx: Transaction, raffle: Raffle, rules: Json, *, number: int, reason: SkipReason, note: str, by: UUID
) -> SkipDecision:
    """Propose to skip a ticket; nothing comes of it until another person confirms it.

    Raises:
        RaffleStateForbids: the round is due and the winners are not known yet, or the raffle does not go on.
        TicketNotEntered: no valid ticket has this number.
        SkipDecided: it was proposed before.
    """
    now = await tx.now()
    must_skip_in_time(raffle.status, now, draws_at=Schedule.of(rules).draws_at)
    if not await claims.is_entered(tx, raffle.id, number):
        raise TicketNotEntered
    proposal = SkipDecision(number=number, reason=reason, note=note, proposed_by=by, proposed_at=now)
    tx.write(claims.propose_skip(tx, raffle.id, proposal))
    tx.audit("raffles.skip_proposed", target=raffle.id, after={"number": number, "reason": reason, "note": note})
    return proposal


async def confirm_skip(tx: Transaction, raffle: Raffle, rules: Json, *, number: int, by: UUID) -> None:
    """Confirm what another person has proposed: the draw passes over the ticket, or its prize is passed on.

    Raises:
        SkipUnknown: nobody has proposed it.
        TwoPeopleNeeded: the same person has.
        SkipDecided: it was confirmed before.
        RaffleStateForbids: the round is due and the winners are not known yet, or the raffle does not go on.
        ClaimOver: the ticket has not won, or its prize is sent or handed over.
    """
    proposal = await claims.skip(tx, raffle.id, number)
    if proposal is None:
        raise SkipUnknown
    proposal.must_be_confirmable_by(by)
    must_skip_in_time(raffle.status, await tx.now(), draws_at=Schedule.of(rules).draws_at)
    tx.write(claims.confirm_skip(tx, raffle.id, number, confirmed_by=by))
    tx.audit("raffles.skip_confirmed", target=raffle.id, after={"number": number, "reason": proposal.reason})
    if raffle.status is RaffleStatus.DRAWN:
        await _refuse(tx, raffle, number)
    else:
        tx.write(repository.touch(tx, raffle))


async def _refuse(tx: Transaction, raffle: Raffle, number: int) -> None:
    """Take a drawn ticket out: its prize goes to the next one, or its reserve place is given up."""
    drawn = next((winner for winner in await claims.winners(tx, raffle.id) if winner.number == number), None)
    if drawn is not None and drawn.is_open:
        await pass_on(tx, raffle, drawn, because=WinnerStatus.REFUSED)
    elif drawn is not None and drawn.status is WinnerStatus.RESERVE:
        tx.write(repository.touch(tx, raffle), claims.move(tx, raffle.id, drawn, WinnerStatus.REFUSED))
    else:
        raise ClaimOver("This ticket has no prize that could be passed on")
