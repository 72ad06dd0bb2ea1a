"""Disqualifying tickets: one staff member proposes it with a public reason, another confirms it.

A ticket that is disqualified before the round is skipped by the draw, and the proof contains the reason. If the ticket
has won, its prize is passed on.
"""

from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.identity import public as identity
from luxewin.modules.identity.public import Confirmer
from luxewin.modules.raffles.domain.claims import Disqualification, WinnerStatus, must_disqualify_in_time
from luxewin.modules.raffles.domain.draws import Schedule
from luxewin.modules.raffles.domain.encoding import Json
from luxewin.modules.raffles.domain.outcome import SkipReason
from luxewin.modules.raffles.domain.raffles import Raffle, RaffleStatus
from luxewin.modules.raffles.errors import ClaimOver, DisqualificationUnknown, TicketNotEntered
from luxewin.modules.raffles.repository import claims
from luxewin.modules.raffles.repository import raffles as repository
from luxewin.modules.raffles.service.claim_prizes import pass_on


async def list_disqualifications(tx: Transaction, raffle_id: UUID) -> list[Disqualification]:
    """Return the proposed and confirmed disqualifications of a raffle."""
    return await claims.disqualifications(tx, raffle_id)


async def propose_disqualification(
    tx: Transaction, raffle: Raffle, rules: Json, *, number: int, reason: SkipReason, note: str, by: UUID
) -> Disqualification:
    """Propose to disqualify a ticket; it takes effect only when another person confirms it.

    Raises:
        RaffleStateForbids: the round is due and the raffle is not drawn, or it is a draft or has ended.
        TicketNotEntered: no valid ticket has this number.
        DisqualificationDecided: (at the flush) it was already proposed.
    """
    now = await tx.now()
    must_disqualify_in_time(raffle.status, now, draws_at=Schedule.of(rules).draws_at)
    if not await claims.is_entered(tx, raffle.id, number):
        raise TicketNotEntered
    proposal = Disqualification(number=number, reason=reason, note=note, proposed_by=by, proposed_at=now)
    tx.write(claims.propose_disqualification(tx, raffle.id, proposal))
    tx.audit("raffles.skip_proposed", target=raffle.id, after={"number": number, "reason": reason, "note": note})
    return proposal


async def confirm_disqualification(tx: Transaction, raffle: Raffle, rules: Json, *, number: int, by: Confirmer) -> None:
    """Confirm the proposal of another person: the draw will skip the ticket or, if it has won, its prize is passed on.

    Raises:
        DisqualificationUnknown: nobody has proposed it.
        TwoPeopleNeeded: the same person proposed it.
        NotIndependent: the tenant's rules for two people are not met.
        DisqualificationDecided: it is already confirmed.
        RaffleStateForbids: the round is due and the raffle is not drawn, or it is a draft or has ended.
        ClaimOver: the raffle is drawn, and the ticket has not won or its prize is shipped or handed over.
    """
    proposal = await claims.disqualification(tx, raffle.id, number)
    if proposal is None:
        raise DisqualificationUnknown
    proposal.must_be_confirmable_by(by.user_id)
    must_disqualify_in_time(raffle.status, await tx.now(), draws_at=Schedule.of(rules).draws_at)
    await identity.must_be_two_people(tx, by, proposed_by=proposal.proposed_by)
    tx.write(claims.confirm_disqualification(tx, raffle.id, number, confirmed_by=by.user_id))
    tx.audit("raffles.skip_confirmed", target=raffle.id, after={"number": number, "reason": proposal.reason})
    if raffle.status is RaffleStatus.DRAWN:
        await _disqualify_drawn(tx, raffle, number)
    else:
        tx.write(repository.touch(tx, raffle))


async def _disqualify_drawn(tx: Transaction, raffle: Raffle, number: int) -> None:
    """Pass the prize of a drawn ticket on, or remove the ticket from the reserves."""
    drawn = next((winner for winner in await claims.winners(tx, raffle.id) if winner.number == number), None)
    if drawn is not None and drawn.is_open:
        await pass_on(tx, raffle, drawn, because=WinnerStatus.DISQUALIFIED)
    elif drawn is not None and drawn.status is WinnerStatus.RESERVE:
        tx.write(repository.touch(tx, raffle), claims.move(tx, raffle.id, drawn, WinnerStatus.DISQUALIFIED))
    else:
        raise ClaimOver(f"Ticket {number} has no prize that could be passed on")
