"""Settling drawn raffles that are due: one prize in each transaction; an interrupted run is continued."""

from functools import partial
from uuid import UUID

import structlog

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.errors import DomainError
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction
from luxewin.modules.raffles import public as raffles
from luxewin.modules.raffles.public import RaffleStatus

BATCH = 100

log = structlog.get_logger("settle")


async def settle_due_raffles(database: Database, tenant: Tenancy) -> int:
    """Pass on prizes that were not claimed in time, and settle raffles that are finished; return how many were due."""
    due = await database.run(tenant, SYSTEM, partial(raffles.due_claims, limit=BATCH))
    for raffle_id in due:
        try:
            while await database.run(tenant, SYSTEM, partial(_advance, raffle_id=raffle_id)):
                continue
        except DomainError as error:
            log.warning("not settled; it will be retried", raffle_id=str(raffle_id), error=error.code)
    return len(due)


async def _advance(tx: Transaction, raffle_id: UUID) -> bool:
    """Pass on one prize, or else settle the raffle if it is finished; return False if neither was due."""
    raffle = await raffles.find_raffle(tx, raffle_id)
    if raffle.status is not RaffleStatus.DRAWN:
        return False
    return await raffles.pass_on_overdue_prize(tx, raffle) or await raffles.settle_raffle(tx, raffle)
