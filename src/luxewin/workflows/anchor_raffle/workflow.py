"""Anchoring raffles: step by step, outside of any transaction; after an interruption the next run continues."""

from functools import partial
from uuid import UUID

import structlog

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.errors import DomainError
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction
from luxewin.modules.raffles import public as raffles
from luxewin.modules.raffles.public import (
    AnchorConflict,
    Anchored,
    AnchorMissed,
    AnchorPending,
    Anchors,
    AnchorStage,
    AnchorState,
    Purpose,
    TransactionStore,
)

BATCH = 100

log = structlog.get_logger("anchor")


async def anchor_due_raffles(database: Database, tenant: Tenancy, anchors: Anchors) -> int:
    """Advance the anchors of a tenant's raffles by one step; return how many raffles were due."""
    due = await database.run(tenant, SYSTEM, partial(raffles.due_anchors, limit=BATCH))
    for raffle_id in due:
        try:
            await _step(database, tenant, anchors, raffle_id)
        except DomainError as error:
            log.warning("not anchored; it will be retried", raffle_id=str(raffle_id), error=error.code)
    return len(due)


async def _step(database: Database, tenant: Tenancy, anchors: Anchors, raffle_id: UUID) -> None:
    """Advance the anchor of the rules and, once that is on the chain, the anchor of the receipt."""
    work = await database.run(tenant, SYSTEM, partial(raffles.find_pending_anchors, raffle_id=raffle_id))
    store = TransactionStore(database, tenant.id)
    for purpose in work.purposes:
        state = await anchors.advance(purpose, store=store, now=work.now)
        await database.run(tenant, SYSTEM, partial(_record, purpose=purpose, state=state))
        if not _is_on_chain(state):
            return


async def _record(tx: Transaction, purpose: Purpose, state: AnchorState) -> None:
    """Record an anchor that is final, end the raffle if the anchor was missed, and log the reason for a delay."""
    raffle_log = log.bind(raffle_id=str(purpose.raffle_id), purpose=purpose.key)
    match state:
        case Anchored():
            await raffles.record_anchor(tx, await raffles.find_raffle(tx, purpose.raffle_id), purpose, state)
        case AnchorMissed():
            raffle_log.warning("the anchor missed its deadline", deadline=state.deadline)
            await raffles.handle_missed_anchor(tx, await raffles.find_raffle(tx, purpose.raffle_id))
        case AnchorConflict():
            raffle_log.error("another value is anchored in its place; investigate", found=state.found.hex())
        case AnchorPending() if state.problem is not None:
            raffle_log.warning("the anchor is delayed", problem=state.problem, detail=state.detail)
        case AnchorPending():
            pass


def _is_on_chain(state: AnchorState) -> bool:
    """Return whether the anchor is in a block, so that the next one may follow; it may not be final yet."""
    return isinstance(state, Anchored) or (isinstance(state, AnchorPending) and state.stage is AnchorStage.MINED)
