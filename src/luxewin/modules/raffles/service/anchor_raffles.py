"""Anchoring raffles: find pending anchors, record final ones, and handle missed ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.raffles.domain.anchoring import RECEIPT, Anchored, Purpose, receipt_anchor, rules_anchor
from luxewin.modules.raffles.domain.raffles import Raffle, RaffleStatus
from luxewin.modules.raffles.events import RaffleAnchored
from luxewin.modules.raffles.repository import anchors, draws
from luxewin.modules.raffles.repository import raffles as repository
from luxewin.modules.raffles.service.cancel_raffles import cancel_raffle, void_raffle

MISSED = "it was not anchored in time"


@dataclass(frozen=True, slots=True)
class PendingAnchors:
    """The anchors of a raffle that are not final, in the order in which they are written; `now` is Unix seconds."""

    purposes: Sequence[Purpose]
    now: int


async def tenants_with_pending_anchors(connection: Any) -> list[UUID]:
    """Return the tenants with raffles that may have something to anchor; needs the system role."""
    return await anchors.tenants_with_pending_anchors(connection)


async def due_anchors(tx: Transaction, *, limit: int) -> list[UUID]:
    """Return raffles with pending anchors."""
    return await anchors.due(tx, limit=limit)


async def find_pending_anchors(tx: Transaction, raffle_id: UUID) -> PendingAnchors:
    """Return the pending anchors of a raffle: each version of its rules and, once it is locked, its receipt."""
    raffle = (await repository.find(tx, [raffle_id]))[raffle_id]
    versions = (await repository.rules_of(tx, [raffle_id]))[raffle_id]
    purposes: list[Purpose] = []
    if raffle.status in {RaffleStatus.OPEN, RaffleStatus.LOCKED}:
        purposes += [rules_anchor(raffle_id, versions[:number]) for number in range(1, len(versions) + 1)]
    lock = await draws.lock_of(tx, raffle_id) if raffle.status is RaffleStatus.LOCKED else None
    if lock is not None:
        purposes.append(receipt_anchor(lock.receipt, versions[-1]))
    final = await anchors.final_purposes(tx, raffle_id)
    now = int((await tx.now()).timestamp())
    return PendingAnchors([purpose for purpose in purposes if purpose.key not in final], now)


async def record_anchor(tx: Transaction, raffle: Raffle, purpose: Purpose, anchored: Anchored) -> None:
    """Record a final anchor; with the anchor of its receipt, a locked raffle becomes `anchored` and can be drawn.

    Raises:
        RaffleChanged: (at the flush) another transaction changed the raffle first.
    """
    tx.write(anchors.add(tx, raffle.id, purpose.key, anchored))
    tx.audit("raffles.anchored", target=raffle.id, after={"purpose": purpose.key, **anchored.document()})
    if purpose.key != RECEIPT or raffle.status is not RaffleStatus.LOCKED:
        return
    tx.write(repository.transition(tx, raffle, RaffleStatus.ANCHORED))
    tx.publish(
        RaffleAnchored(
            aggregate_id=raffle.id,
            aggregate_version=raffle.version + 1,
            transaction_hash=anchored.transaction_hash.hex(),
            block_number=anchored.block_number,
        )
    )


async def handle_missed_anchor(tx: Transaction, raffle: Raffle) -> None:
    """Cancel a raffle whose anchor was missed, as its rules define: nothing is drawn, and every purchase is refunded.

    Raises:
        RaffleChanged: (at the flush) another transaction changed the raffle first.
    """
    if raffle.status is RaffleStatus.LOCKED:
        await void_raffle(tx, raffle, reason=MISSED)
    elif raffle.status in {RaffleStatus.OPEN, RaffleStatus.VOID}:
        await cancel_raffle(tx, raffle, reason=MISSED)
