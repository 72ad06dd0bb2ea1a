"""Claiming, passing on and settling prizes.

Every operation increments the raffle's version, so that two of them cannot commit at the same time.
"""

from collections.abc import Sequence
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.inventory import public as inventory
from luxewin.modules.raffles.domain.claims import CURRENT, Winner, WinnerStatus, claim_by
from luxewin.modules.raffles.domain.raffles import Prize, Raffle, RaffleStatus
from luxewin.modules.raffles.errors import ClaimUnknown
from luxewin.modules.raffles.events import PrizeClaimed, PrizePassedOn, RaffleSettled
from luxewin.modules.raffles.repository import claims
from luxewin.modules.raffles.repository import raffles as repository
from luxewin.modules.raffles.service.hold_prizes import release_prizes


async def due_claims(tx: Transaction, *, limit: int) -> list[UUID]:
    """Return drawn raffles with an overdue prize to pass on, or with no open prize left, so to be settled."""
    return await claims.due(tx, limit=limit)


async def list_claims(tx: Transaction, raffle_id: UUID, *, entrant_id: UUID | None) -> list[Winner]:
    """Return the drawn tickets of a raffle that have, or had, a prize: of one entrant, or of all if None."""
    if entrant_id is not None:
        return await claims.winners_of(tx, raffle_id, entrant_id)
    return [winner for winner in await claims.winners(tx, raffle_id) if winner.prize is not None]


async def own_claim(tx: Transaction, raffle_id: UUID, prize: int, *, entrant_id: UUID) -> Winner:
    """Return an entrant's ticket with a prize; if several of their tickets had it, the one that has it now.

    Raises:
        ClaimUnknown: they have not won it, or it does not exist.
    """
    own = [winner for winner in await claims.winners_of(tx, raffle_id, entrant_id) if winner.prize == prize]
    if not own:
        raise ClaimUnknown
    return next((winner for winner in own if winner.status in CURRENT), own[-1])


async def claim_prize(tx: Transaction, raffle: Raffle, winner: Winner, *, order_id: UUID | None) -> None:
    """Mark a prize as claimed; `order_id` is the order that ships it, if one does.

    Raises:
        AlreadyClaimed, ClaimOver: it is already claimed, or the time to claim it has passed.
    """
    winner.must_be_claimable(await tx.now())
    prize = _prize_of(winner)
    tx.write(repository.touch(tx, raffle), claims.move(tx, raffle.id, winner, WinnerStatus.CLAIMED, order_id=order_id))
    tx.audit(
        "raffles.prize_claimed",
        target=raffle.id,
        after={"prize": prize, "number": winner.number, "order_id": order_id},
    )
    tx.publish(
        PrizeClaimed(
            aggregate_id=raffle.id,
            aggregate_version=raffle.version + 1,
            prize=prize,
            number=winner.number,
            order_id=order_id,
        )
    )


async def decline_prize(tx: Transaction, raffle: Raffle, winner: Winner) -> None:
    """Decline a prize for its winner: it is passed on at once.

    Raises:
        AlreadyClaimed, ClaimOver: it is already claimed, or the time to claim it has passed.
    """
    winner.must_be_claimable(await tx.now())
    await pass_on(tx, raffle, winner, because=WinnerStatus.DECLINED)


async def hand_over(tx: Transaction, raffle: Raffle, prize: int, *, note: str) -> None:
    """Mark a claimed prize that no order ships as handed over; if it is held in stock, it is consumed.

    Raises:
        ClaimUnknown: there is no claim for this prize.
        ClaimOver: it is not claimed, is shipped by an order, or was handed over before.
    """
    winner = current_winner(await claims.winners(tx, raffle.id), prize)
    winner.must_await_hand_over()
    order_id = raffle.terms.prizes[prize - 1].order_id
    tx.write(repository.touch(tx, raffle), claims.move(tx, raffle.id, winner, WinnerStatus.HANDED_OVER))
    tx.write(*(inventory.consume(tx, await inventory.active_reservations(tx, order_id)) if order_id else ()))
    tx.audit(
        "raffles.prize_handed_over",
        target=raffle.id,
        after={"prize": prize, "number": winner.number, "note": note},
    )


async def pass_on(tx: Transaction, raffle: Raffle, winner: Winner, *, because: WinnerStatus) -> None:
    """Pass a prize from its winner on to the next reserve, who gets the full time to claim it.

    `because` becomes the status of the winner.
    """
    prize = _prize_of(winner)
    winners = await claims.winners(tx, raffle.id)
    reserve = next((winner for winner in winners if winner.status is WinnerStatus.RESERVE), None)
    passed_to = reserve.number if reserve else None
    tx.audit(
        "raffles.prize_passed_on",
        target=raffle.id,
        before={"prize": prize, "number": winner.number},
        after={"reason": because, "number": passed_to},
    )
    tx.publish(
        PrizePassedOn(
            aggregate_id=raffle.id,
            aggregate_version=raffle.version + 1,
            prize=prize,
            number=winner.number,
            reason=because,
            passed_to=passed_to,
        )
    )
    tx.write(repository.touch(tx, raffle), claims.move(tx, raffle.id, winner, because))
    await tx.flush()  # first: a unique index allows one current winner of a prize
    if reserve is not None:
        until = claim_by(await tx.now(), raffle.terms.claim_days)
        tx.write(claims.promote(tx, raffle.id, reserve, prize=prize, claim_by=until))


async def pass_on_overdue_prize(tx: Transaction, raffle: Raffle) -> bool:
    """Pass on the first prize that was not claimed in time; return False if there is none."""
    now = await tx.now()
    winners = await claims.winners(tx, raffle.id)
    overdue = next((winner for winner in winners if winner.is_overdue(now)), None)
    if overdue is None:
        return False
    await pass_on(tx, raffle, overdue, because=WinnerStatus.UNCLAIMED)
    return True


async def settle_raffle(tx: Transaction, raffle: Raffle) -> bool:
    """Settle a raffle, and release the prizes that were not awarded; return False if a prize is still open."""
    winners = await claims.winners(tx, raffle.id)
    if any(winner.is_open for winner in winners):
        return False
    awarded = {winner.prize for winner in winners if winner.status in CURRENT}
    not_awarded = [prize for position, prize in enumerate(raffle.terms.prizes, 1) if position not in awarded]
    tx.write(repository.transition(tx, raffle, RaffleStatus.SETTLED), *await release_prizes(tx, not_awarded))
    tx.audit("raffles.settled", target=raffle.id, after={"not_awarded": len(not_awarded)})
    tx.publish(RaffleSettled(aggregate_id=raffle.id, aggregate_version=raffle.version + 1))
    return True


def current_winner(winners: Sequence[Winner], prize: int) -> Winner:
    """Return the ticket that has a prize, or may still claim it.

    Raises:
        ClaimUnknown: no ticket does.
    """
    for winner in winners:
        if winner.prize == prize and winner.status in CURRENT:
            return winner
    raise ClaimUnknown


def prize_of(raffle: Raffle, winner: Winner) -> Prize:
    """Return the prize of a winner."""
    return raffle.terms.prizes[_prize_of(winner) - 1]


def _prize_of(winner: Winner) -> int:
    assert winner.prize is not None, "the caller selects winners with a prize"
    return winner.prize
