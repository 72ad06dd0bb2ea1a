"""Drawing raffles that are due; each step can be resumed after an interruption, with the same winners."""

from functools import partial
from uuid import UUID

import structlog

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.errors import DomainError
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction
from luxewin.modules.payments import public as payments
from luxewin.modules.payments.public import Gateways
from luxewin.modules.raffles import public as raffles
from luxewin.modules.raffles.public import BeaconRound, Beacons, RaffleSecrets, RaffleStatus, Schedule
from luxewin.workflows.cancel_raffle.workflow import end_pending

BATCH = 100
NOTE = "the raffle has closed"

log = structlog.get_logger("draw")


async def draw_due_raffles(
    database: Database, tenant: Tenancy, gateways: Gateways, beacons: Beacons, secrets: RaffleSecrets
) -> int:
    """Advance every due raffle of a tenant by one or two steps; return how many were due.

    A raffle that cannot advance, because a gateway or a beacon does not respond, does not delay the others.
    """
    due = await database.run(tenant, SYSTEM, partial(raffles.due_raffles, limit=BATCH))
    for raffle_id in due:
        try:
            await _lock_if_closed(database, tenant, gateways, secrets, raffle_id)
            await _draw_if_locked(database, tenant, beacons, secrets, raffle_id)
        except DomainError as error:
            log.warning("not drawn; it will be retried", raffle_id=str(raffle_id), error=error.code)
    return len(due)


async def _lock_if_closed(
    database: Database, tenant: Tenancy, gateways: Gateways, secrets: RaffleSecrets, raffle_id: UUID
) -> None:
    """End the sales, and lock the list once no payment is pending, or the time for pending payments is over."""
    schedule = await database.run(tenant, SYSTEM, partial(raffles.close_raffle, raffle_id=raffle_id))
    if schedule is None:
        return
    now = await database.run(tenant, SYSTEM, lambda tx: tx.now())
    is_deadline_over = now.timestamp() >= schedule.payments_until
    pending = await end_pending(database, tenant, gateways, raffle_id, note=NOTE, although_unknown=is_deadline_over)
    if not pending:
        await database.run(tenant, SYSTEM, partial(_lock, raffle_id=raffle_id, secrets=secrets))


async def _draw_if_locked(
    database: Database, tenant: Tenancy, beacons: Beacons, secrets: RaffleSecrets, raffle_id: UUID
) -> None:
    """Fetch the beacon's round once it is due, outside of any transaction, and draw with it."""
    rules = await database.run(tenant, SYSTEM, partial(_rules_if_due, raffle_id=raffle_id))
    if rules is None:
        return
    beacon = beacons.get(bytes.fromhex(rules["beacon"]["chain_hash"]), clock_offset=tenant.clock_offset)
    beacon_round = await beacon.round(rules["round"])
    if beacon_round.signature is None:
        log.info("the beacon's round is not published yet", raffle_id=str(raffle_id), round=rules["round"])
        return
    await database.run(tenant, SYSTEM, partial(_draw, raffle_id=raffle_id, beacon_round=beacon_round, secrets=secrets))


async def _lock(tx: Transaction, raffle_id: UUID, secrets: RaffleSecrets) -> None:
    raffle = await raffles.find_raffle(tx, raffle_id)
    if raffle.status is RaffleStatus.OPEN:
        rules = await raffles.rules_of(tx, raffle_id)
        disputed = await payments.disputed_orders(tx, since=raffle_id)
        await raffles.lock_raffle(tx, raffle, rules, disputed_orders=disputed, secrets=secrets)


async def _rules_if_due(tx: Transaction, raffle_id: UUID) -> raffles.Json | None:
    raffle = await raffles.find_raffle(tx, raffle_id)
    if not raffle.awaits_round and not await raffles.needs_hypothetical_draw(tx, raffle):
        return None
    rules = await raffles.rules_of(tx, raffle_id)
    return rules if (await tx.now()).timestamp() >= Schedule.of(rules).draws_at else None


async def _draw(tx: Transaction, raffle_id: UUID, beacon_round: BeaconRound, secrets: RaffleSecrets) -> None:
    raffle = await raffles.find_raffle(tx, raffle_id)
    if raffle.awaits_round:
        await raffles.draw_raffle(tx, raffle, beacon_round, secrets=secrets)
    elif await raffles.needs_hypothetical_draw(tx, raffle):
        await raffles.record_hypothetical_draw(tx, raffle, beacon_round, secrets=secrets)
