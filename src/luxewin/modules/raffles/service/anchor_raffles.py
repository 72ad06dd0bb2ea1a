"""Anchoring raffles: what is to be written, what is final, and what follows where it came too late."""

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
from luxewin.modules.raffles.service.draw_raffles import cancel_raffle, void_raffle

MISSED = "it was not anchored in time"


@dataclass(frozen=True, slots=True)
class AnchorWork:
    """What of a raffle is still to be anchored, in this order, and the present in Unix seconds."""

    purposes: Sequence[Purpose]
    now: int


async def anchoring_tenants(connection: Any) -> list[UUID]:
    """Return the tenants that have something to anchor; for the system's role."""
    return await anchors.busy_tenants(connection)


async def due_anchors(tx: Transaction, *, limit: int) -> list[UUID]:
    """Return raffles with something to anchor."""
    return await anchors.due(tx, limit=limit)


async def anchor_work(tx: Transaction, raffle_id: UUID) -> AnchorWork:
    """Return what is to be anchored of a raffle: each version of its rules in turn; once locked, its receipt."""
    raffle = (await repository.find(tx, [raffle_id]))[raffle_id]
    versions = (await repository.rules_of(tx, [raffle_id]))[raffle_id]
    wanted: list[Purpose] = []
    if raffle.status in {RaffleStatus.OPEN, RaffleStatus.LOCKED}:
        wanted += [rules_anchor(raffle_id, versions[:number]) for number in range(1, len(versions) + 1)]
    lock = await draws.lock_of(tx, raffle_id) if raffle.status is RaffleStatus.LOCKED else None
    if lock is not None:
        wanted.append(receipt_anchor(lock.receipt, versions[-1]))
    final = await anchors.final_purposes(tx, raffle_id)
    now = int((await tx.now()).timestamp())
    return AnchorWork([purpose for purpose in wanted if purpose.key not in final], now)


async def note_anchored(tx: Transaction, raffle: Raffle, purpose: Purpose, anchored: Anchored) -> None:
    """Note what is final; a raffle whose receipt is on the chain can be drawn.

    Raises:
        RaffleChanged: somebody else was first.
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


async def miss_anchor(tx: Transaction, raffle: Raffle) -> None:
    """Follow the rules where an anchor came too late: nothing is drawn, and every purchase is given back.

    Raises:
        RaffleChanged: somebody else was first.
    """
    if raffle.status is RaffleStatus.LOCKED:
        await void_raffle(tx, raffle, reason=MISSED)
    elif raffle.status in {RaffleStatus.OPEN, RaffleStatus.VOID}:
        await cancel_raffle(tx, raffle, reason=MISSED)
