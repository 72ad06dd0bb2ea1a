"""Prizes are claimed, passed on and settled; each of these marks the raffle changed, so that no two happen at once."""

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
from luxewin.modules.raffles.service.hold_prizes import released_prizes


async def due_claims(tx: Transaction, *, limit: int) -> list[UUID]:
    """Return drawn raffles in which a prize is to be passed on, or nothing is left to be done."""
    return await claims.due(tx, limit=limit)


async def list_claims(tx: Transaction, raffle_id: UUID, *, entrant_id: UUID | None) -> list[Winner]:
    """Return who has, or had, a prize of a raffle: somebody's own ones, or all of them."""
    if entrant_id is not None:
        return await claims.winners_of(tx, raffle_id, entrant_id)
    return [winner for winner in await claims.winners(tx, raffle_id) if winner.prize is not None]


async def own_claim(tx: Transaction, raffle_id: UUID, prize: int, *, entrant_id: UUID) -> Winner:
    """Return somebody's own prize; where several of their tickets had it, the one that has it now.

    Raises:
        ClaimUnknown: it is not theirs, or does not exist; the two cannot be told apart.
    """
    own = [winner for winner in await claims.winners_of(tx, raffle_id, entrant_id) if winner.prize == prize]
    if not own:
        raise ClaimUnknown
    return next((winner for winner in own if winner.status in CURRENT), own[-1])


async def claim_prize(tx: Transaction, raffle: Raffle, winner: Winner, *, order_id: UUID | None) -> None:
    """Note that a winner claims; `order_id` is the order that ships the prize, where one does.

    Raises:
        AlreadyClaimed, ClaimOver: it is claimed already, or too late.
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
    """Let a winner go without: the prize is passed on at once.

    Raises:
        AlreadyClaimed, ClaimOver: it is claimed already, or too late.
    """
    winner.must_be_claimable(await tx.now())
    await pass_on(tx, raffle, winner, because=WinnerStatus.DECLINED)


async def hand_over(tx: Transaction, raffle: Raffle, prize: int, *, note: str) -> None:
    """Note that a claimed prize which no order ships was handed over; a piece from the shelf leaves it now.

    Raises:
        ClaimUnknown: nobody has this prize.
        ClaimOver: it is not claimed, or is done with.
    """
    winner = current(await claims.winners(tx, raffle.id), prize)
    winner.must_await_hand_over()
    order_id = raffle.terms.prizes[prize - 1].order_id
    tx.write(repository.touch(tx, raffle), claims.move(tx, raffle.id, winner, WinnerStatus.HANDED_OVER))
    tx.write(*(inventory.consume(tx, await inventory.held(tx, order_id)) if order_id else ()))
    tx.audit(
        "raffles.prize_handed_over",
        target=raffle.id,
        after={"prize": prize, "number": winner.number, "note": note},
    )


async def pass_on(tx: Transaction, raffle: Raffle, winner: Winner, *, because: WinnerStatus) -> None:
    """Take a prize from who has not claimed it, and give it to the next ticket in reserve, with a time of its own."""
    prize = _prize_of(winner)
    reserve = next((one for one in await claims.winners(tx, raffle.id) if one.status is WinnerStatus.RESERVE), None)
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
    await tx.flush()  # before the next one, for a prize has one winner at a time
    if reserve is not None:
        until = claim_by(await tx.now(), raffle.terms.claim_days)
        tx.write(claims.promote(tx, raffle.id, reserve, prize=prize, claim_by=until))


async def pass_on_next(tx: Transaction, raffle: Raffle) -> bool:
    """Pass on the first prize that was not claimed in time; False where there is none."""
    now = await tx.now()
    overdue = next((one for one in await claims.winners(tx, raffle.id) if one.is_overdue(now)), None)
    if overdue is None:
        return False
    await pass_on(tx, raffle, overdue, because=WinnerStatus.UNCLAIMED)
    return True


async def settle_raffle(tx: Transaction, raffle: Raffle) -> bool:
    """Close a raffle of which nothing is left to be done, and let prizes that nobody has be sold; False where it is."""
    winners = await claims.winners(tx, raffle.id)
    if any(winner.is_open for winner in winners):
        return False
    gone = {winner.prize for winner in winners if winner.status in CURRENT}
    left = [prize for position, prize in enumerate(raffle.terms.prizes, 1) if position not in gone]
    tx.write(repository.transition(tx, raffle, RaffleStatus.SETTLED), *await released_prizes(tx, left))
    tx.audit("raffles.settled", target=raffle.id, after={"not_awarded": len(left)})
    tx.publish(RaffleSettled(aggregate_id=raffle.id, aggregate_version=raffle.version + 1))
    return True


def current(winners: Sequence[Winner], prize: int) -> Winner:
    """Return who has a prize, or may have it.

    Raises:
        ClaimUnknown: nobody.
    """
    for winner in winners:
        if winner.prize == prize and winner.status in CURRENT:
            return winner
    raise ClaimUnknown


def prize_of(raffle: Raffle, winner: Winner) -> Prize:
    """Return what a winner has won."""
    return raffle.terms.prizes[_prize_of(winner) - 1]


def _prize_of(winner: Winner) -> int:
    assert winner.prize is not None, "only who has a prize claims it"
    return winner.prize
