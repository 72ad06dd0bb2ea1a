"""Selling tickets: capacity is held when they are ordered, numbers are given when they are paid."""

import secrets as chance
from collections.abc import Mapping, Sequence
from uuid import UUID

from luxewin.kit.ids import new_id
from luxewin.kit.money import Money
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write
from luxewin.modules.raffles.domain.raffles import PUBLIC, Raffle
from luxewin.modules.raffles.domain.tickets import (
    SALT_BYTES,
    PurchaseStatus,
    Stake,
    Wish,
    commits_of,
)
from luxewin.modules.raffles.errors import (
    PersonalLimitReached,
    RaffleSoldOut,
    RaffleUnknown,
    SkillAnswerWrong,
    StaffExcluded,
)
from luxewin.modules.raffles.repository import raffles as repository
from luxewin.modules.raffles.repository import tickets
from luxewin.modules.raffles.service.play import must_be_allowed
from luxewin.modules.raffles.service.secrets import RaffleSecrets


async def offered(tx: Transaction, raffle_ids: Sequence[UUID]) -> dict[UUID, Raffle]:
    """Return those of these raffles that everybody may see, with what is left of them at this moment."""
    found = await repository.find(tx, raffle_ids)
    return {raffle_id: raffle for raffle_id, raffle in found.items() if raffle.status in PUBLIC}


async def room_for(tx: Transaction, entrant_id: UUID, raffles: Mapping[UUID, Raffle]) -> dict[UUID, int]:
    """Return how many more tickets of each raffle its rules let somebody hold."""
    held = await tickets.held_by(tx, entrant_id, list(raffles))
    return {raffle_id: raffle.most_per_person - held.get(raffle_id, 0) for raffle_id, raffle in raffles.items()}


async def stakes(tx: Transaction, wishes: Sequence[Wish], *, entrant_id: UUID, secrets: RaffleSecrets) -> list[Stake]:
    """Return what is wished for as it may be had at this moment, at most one wish for a raffle.

    Raises:
        RaffleUnknown, RaffleNotOpen, RaffleSoldOut, PersonalLimitReached, SkillAnswerWrong, StaffExcluded,
            Excluded, NotEligible, SpendLimitReached: it may not.
    """
    found = await offered(tx, [wish.raffle_id for wish in wishes])
    wanted = [await staked(tx, wish, found.get(wish.raffle_id)) for wish in wishes]
    terms, costs = [found[stake.raffle_id].terms for stake in wanted], [stake.amount for stake in wanted]
    await must_be_allowed(tx, entrant_id, terms, costs, secrets=secrets)
    return wanted


async def must_still_be_allowed(
    tx: Transaction, raffle_ids: Sequence[UUID], *, entrant_id: UUID, secrets: RaffleSecrets
) -> None:
    """Refuse to pay for tickets that are held where their buyer may not take part any more; they count as spent.

    Raises:
        Excluded, NotEligible, SpendLimitReached: they may not.
    """
    found = await repository.find(tx, raffle_ids)
    await must_be_allowed(tx, entrant_id, [raffle.terms for raffle in found.values()], [], secrets=secrets)


def hold(
    tx: Transaction, wanted: Sequence[Stake], *, order_id: UUID | None, entrant_id: UUID, secrets: RaffleSecrets
) -> list[Write]:
    """Hold tickets until their order is paid, or ends; the hot row comes last, locked for as short as can be.

    What each ticket commits to is made here, so that the settlement needs no key.
    """
    salts = [chance.token_bytes(SALT_BYTES * stake.quantity) for stake in wanted]
    return [
        tickets.add_purchases(
            tx,
            wanted,
            order_id=order_id,
            entrant_id=entrant_id,
            commits=[
                commits_of(salt, raffle_id=stake.raffle_id, entrant_id=entrant_id)
                for stake, salt in zip(wanted, salts, strict=True)
            ],
            sealed_salts=[
                secrets.seal_salts(salt, tenant_id=tx.tenant_id, purchase_id=stake.id)
                for stake, salt in zip(wanted, salts, strict=True)
            ],
        ),
        tickets.take_up(tx, wanted, entrant_id=entrant_id),
        tickets.hold(tx, wanted),
    ]


def issue(tx: Transaction, order_id: UUID, *, count: int) -> Write:
    """Return the write that gives the tickets of a paid order their numbers: the last one, for it locks the counter.

    Its `count` purchases are all still waiting, or nothing is written.
    """
    return tickets.issue(tx, order_id, count=count)


def release(
    tx: Transaction, order_id: UUID, *, count: int, status: PurchaseStatus = PurchaseStatus.DECLINED
) -> list[Write]:
    """Return the writes that give what an order's `count` purchases hold back to the others."""
    return tickets.end_pending(tx, order_id, status, count=count)


async def is_paid(tx: Transaction, purchase_id: UUID) -> bool:
    """Tell whether a purchase is paid, and was not given back."""
    found = await tickets.purchases(tx, [purchase_id])
    return found[purchase_id].status is PurchaseStatus.PAID


async def give_back(tx: Transaction, purchase_ids: Sequence[UUID]) -> None:
    """Void the tickets of paid purchases, whose money goes back; once only, and never out of a locked list.

    Raises:
        TicketsFinal: (at the flush) the list is locked.
        TicketsMoved: (at the flush) they were given back before.
    """
    found = await tickets.purchases(tx, purchase_ids)
    tx.write(*tickets.give_back(tx, [found[purchase_id] for purchase_id in purchase_ids]))


async def staked(tx: Transaction, wish: Wish, raffle: Raffle | None) -> Stake:
    """Return tickets of a raffle as anybody may have them at this moment; whether this person may is not asked.

    Raises:
        RaffleUnknown, RaffleNotOpen, RaffleSoldOut, PersonalLimitReached, SkillAnswerWrong: nobody may.
        StaffExcluded: staff ask for them.
    """
    if raffle is None or raffle.status not in PUBLIC:
        raise RaffleUnknown
    if tx.principal.is_staff:
        raise StaffExcluded
    terms = raffle.terms
    stake = await stake_of(tx, wish, raffle, unit_price=terms.ticket_price)
    if terms.skill is not None and not terms.skill.is_answered_by(wish.answer):
        raise SkillAnswerWrong(raffle_id=raffle.id)
    return stake


async def stake_of(tx: Transaction, wish: Wish, raffle: Raffle, *, unit_price: Money) -> Stake:
    """Return tickets of a raffle as they may be had at this moment, at this price.

    Raises:
        RaffleNotOpen, RaffleSoldOut, PersonalLimitReached: they may not.
    """
    terms = raffle.terms
    raffle.must_sell(await tx.now())
    limit = raffle.most_per_person
    if wish.quantity > limit:
        raise PersonalLimitReached(raffle_id=raffle.id, limit=limit)
    if wish.quantity > raffle.left:
        raise RaffleSoldOut(raffle_id=raffle.id, left=raffle.left)
    return Stake(
        id=new_id(),
        raffle_id=raffle.id,
        title=terms.title,
        quantity=wish.quantity,
        unit_price=unit_price,
        limit=limit,
    )
