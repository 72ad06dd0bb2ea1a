"""Selling tickets: capacity is held when tickets are ordered, and numbers are issued when they are paid."""

import secrets as randomness
from collections.abc import Mapping, Sequence
from uuid import UUID

from luxewin.kit.ids import new_id
from luxewin.kit.money import Money
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write
from luxewin.modules.raffles.domain.raffles import PUBLIC, Raffle
from luxewin.modules.raffles.domain.responsible_gaming import Participant
from luxewin.modules.raffles.domain.tickets import (
    SALT_BYTES,
    PurchaseStatus,
    TicketLine,
    TicketRequest,
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
from luxewin.modules.raffles.service.responsible_gaming import must_be_eligible
from luxewin.modules.raffles.service.secrets import RaffleSecrets


async def find_public_raffles(tx: Transaction, raffle_ids: Sequence[UUID]) -> dict[UUID, Raffle]:
    """Return the public raffles among these, by id."""
    found = await repository.find(tx, raffle_ids)
    return {raffle_id: raffle for raffle_id, raffle in found.items() if raffle.status in PUBLIC}


async def remaining_allowance(tx: Transaction, entrant_id: UUID, raffles: Mapping[UUID, Raffle]) -> dict[UUID, int]:
    """Return, by raffle id, how many more tickets the entrant may hold."""
    held = await tickets.held_tickets(tx, entrant_id, list(raffles))
    return {raffle_id: raffle.max_per_person - held.get(raffle_id, 0) for raffle_id, raffle in raffles.items()}


async def quote_tickets(
    tx: Transaction, requests: Sequence[TicketRequest], *, entrant_id: UUID, secrets: RaffleSecrets
) -> list[TicketLine]:
    """Return a line with the price of each request, in the same order; each raffle is requested at most once.

    Nothing is reserved: `hold` does that, and checks availability again.

    Raises:
        RaffleUnknown, RaffleNotOpen, RaffleSoldOut: the tickets are not available.
        PersonalLimitReached, SkillAnswerWrong, StaffExcluded, Excluded, NotEligible, SpendLimitReached: the entrant may
            not buy them.
    """
    found = await find_public_raffles(tx, [request.raffle_id for request in requests])
    lines = [await quote_ticket_line(tx, request, found.get(request.raffle_id)) for request in requests]
    terms, costs = [found[line.raffle_id].terms for line in lines], [line.amount for line in lines]
    participant = await must_be_eligible(tx, entrant_id, terms, costs, secrets=secrets)
    await must_be_allowed_together(tx, lines, participant)
    return lines


async def must_be_allowed_together(tx: Transaction, lines: Sequence[TicketLine], participant: Participant) -> None:
    """Check that all accounts of a person together hold no more tickets than the rules allow.

    The write that adds to the holdings of one account checks that account alone.

    Raises:
        PersonalLimitReached: they would hold more.
    """
    if len(participant.entrants) <= 1:
        return
    held = await tickets.held_together(tx, participant.entrants, [line.raffle_id for line in lines])
    for line in lines:
        if held.get(line.raffle_id, 0) + line.quantity > line.limit:
            raise PersonalLimitReached(
                f"One person may hold at most {line.limit} tickets of this raffle, and your accounts together hold"
                f" {held.get(line.raffle_id, 0)}; {line.quantity} were requested",
                raffle_id=line.raffle_id,
                limit=line.limit,
            )


async def quote_ticket_line(tx: Transaction, request: TicketRequest, raffle: Raffle | None) -> TicketLine:
    """Return a line with the price of a request; what the entrant already holds, and their limits, are not checked.

    Raises:
        RaffleUnknown, RaffleNotOpen, RaffleSoldOut: the tickets are not available.
        PersonalLimitReached, SkillAnswerWrong: the quantity is above the limit, or the answer is wrong.
        StaffExcluded: the caller is staff.
    """
    if raffle is None or raffle.status not in PUBLIC:
        raise RaffleUnknown
    if tx.principal.is_staff:
        raise StaffExcluded
    terms = raffle.terms
    line = await quote_line(tx, request, raffle, unit_price=terms.ticket_price)
    if terms.skill is not None and not terms.skill.is_answered_by(request.answer):
        raise SkillAnswerWrong(raffle_id=raffle.id)
    return line


async def quote_line(tx: Transaction, request: TicketRequest, raffle: Raffle, *, unit_price: Money) -> TicketLine:
    """Return a line for a request at this price, after checking availability.

    Raises:
        RaffleNotOpen, RaffleSoldOut, PersonalLimitReached: the tickets are not available in this quantity.
    """
    raffle.must_sell(await tx.now())
    limit = raffle.max_per_person
    if request.quantity > limit:
        raise PersonalLimitReached(
            f"One person may hold at most {limit} tickets of this raffle, {request.quantity} were requested",
            raffle_id=raffle.id,
            limit=limit,
        )
    if request.quantity > raffle.left:
        raise RaffleSoldOut(
            f"{raffle.left} tickets are left, {request.quantity} were requested", raffle_id=raffle.id, left=raffle.left
        )
    return TicketLine(
        id=new_id(),
        raffle_id=raffle.id,
        title=raffle.terms.title,
        quantity=request.quantity,
        unit_price=unit_price,
        limit=limit,
        left=raffle.left,
        sale=(raffle.created_at, raffle.terms.closes_at),
    )


async def must_still_be_eligible(
    tx: Transaction, raffle_ids: Sequence[UUID], *, entrant_id: UUID, secrets: RaffleSecrets
) -> None:
    """Check that an entrant may still pay for tickets that are held; the held tickets already count as spent.

    Raises:
        Excluded, NotEligible, SpendLimitReached: they may not.
    """
    found = await repository.find(tx, raffle_ids)
    await must_be_eligible(tx, entrant_id, [raffle.terms for raffle in found.values()], [], secrets=secrets)


def hold(
    tx: Transaction, lines: Sequence[TicketLine], *, order_id: UUID | None, entrant_id: UUID, secrets: RaffleSecrets
) -> list[Write]:
    """Return the writes that hold tickets until their order is paid or ends.

    The raffle's counter, which all its buyers update, is written last, so that its lock is held as briefly as possible.
    Salts and commits are created here, so that issuing the tickets needs no key.
    """
    salts = [randomness.token_bytes(SALT_BYTES * line.quantity) for line in lines]
    return [
        tickets.add_purchases(
            tx,
            lines,
            order_id=order_id,
            entrant_id=entrant_id,
            commits=[
                commits_of(salt, raffle_id=line.raffle_id, entrant_id=entrant_id)
                for line, salt in zip(lines, salts, strict=True)
            ],
            sealed_salts=[
                secrets.seal_salts(salt, tenant_id=tx.tenant_id, purchase_id=line.id)
                for line, salt in zip(lines, salts, strict=True)
            ],
        ),
        tickets.add_to_holdings(tx, lines, entrant_id=entrant_id),
        tickets.hold(tx, lines),
    ]


def issue(tx: Transaction, order_id: UUID, *, count: int) -> Write:
    """Return the write that numbers the tickets of a paid order; it locks the counter, so add it last.

    It fails with `TicketsMoved` unless exactly `count` purchases of the order are pending.
    """
    return tickets.issue(tx, order_id, count=count)


def release(
    tx: Transaction, order_id: UUID, *, count: int, status: PurchaseStatus = PurchaseStatus.DECLINED
) -> list[Write]:
    """Return the writes that release the tickets held by an order's `count` pending purchases."""
    return tickets.end_pending(tx, order_id, status, count=count)


async def is_paid(tx: Transaction, purchase_id: UUID) -> bool:
    """Return whether a purchase is paid and not refunded."""
    found = await tickets.purchases(tx, [purchase_id])
    return found[purchase_id].status is PurchaseStatus.PAID


async def order_of_ticket(tx: Transaction, raffle_id: UUID, number: int) -> UUID | None:
    """Return the order that bought a ticket; None for a free entry."""
    return await tickets.order_of(tx, raffle_id, number)


async def refund_tickets(tx: Transaction, purchase_ids: Sequence[UUID]) -> None:
    """Void the tickets of paid purchases that are refunded.

    Raises:
        TicketsFinal: (at the flush) the list of the raffle is locked.
        TicketsMoved: (at the flush) a purchase is not paid, or was already refunded.
    """
    found = await tickets.purchases(tx, purchase_ids)
    tx.write(*tickets.void_purchases(tx, [found[purchase_id] for purchase_id in purchase_ids]))
