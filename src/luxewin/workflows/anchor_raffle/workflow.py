"""How raffles are anchored: a step at a time, outside of any transaction, resumed wherever it was interrupted."""

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
    """Take every raffle of a tenant that is to be anchored a step further; return how many there were."""
    due = await database.run(tenant, SYSTEM, partial(raffles.due_anchors, limit=BATCH))
    for raffle_id in due:
        try:
            await _step(database, tenant, anchors, raffle_id)
        except DomainError as error:
            log.warning("not anchored; it will be tried again", raffle_id=str(raffle_id), error=error.code)
    return len(due)


async def _step(database: Database, tenant: Tenancy, anchors: Anchors, raffle_id: UUID) -> None:
    """Take a step with the rules and, once they are on the chain, with the receipt."""
    work = await database.run(tenant, SYSTEM, partial(raffles.find_pending_anchors, raffle_id=raffle_id))
    store = TransactionStore(database, tenant.id)
    for purpose in work.purposes:
        state = await anchors.advance(purpose, store=store, now=work.now)
        await database.run(tenant, SYSTEM, partial(_note, purpose=purpose, state=state))
        if not _is_on_chain(state):
            return


async def _note(tx: Transaction, purpose: Purpose, state: AnchorState) -> None:
    """Keep what is final, follow the rules where it came too late, and tell what holds it up."""
    told = log.bind(raffle_id=str(purpose.raffle_id), purpose=purpose.key)
    match state:
        case Anchored():
            await raffles.record_anchor(tx, await raffles.find_raffle(tx, purpose.raffle_id), purpose, state)
        case AnchorMissed():
            told.warning("missed", deadline=state.deadline)
            await raffles.handle_missed_anchor(tx, await raffles.find_raffle(tx, purpose.raffle_id))
        case AnchorConflict():
            told.error("something else is anchored in its place; a person must look", found=state.found.hex())
        case AnchorPending() if state.problem is not None:
            told.warning("held up", problem=state.problem, detail=state.detail)
        case AnchorPending():
            pass


def _is_on_chain(state: AnchorState) -> bool:
    """Tell whether what builds on it may follow, though it may not lie deep enough yet."""
    return isinstance(state, Anchored) or (isinstance(state, AnchorPending) and state.stage is AnchorStage.MINED)
