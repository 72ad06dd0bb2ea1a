"""The steps of a refund, which other workflows also use: have the gateway execute it, and record the outcome."""

from uuid import UUID

from luxewin.kit.access import Principal
from luxewin.kit.database import Database
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction
from luxewin.modules.payments import public as payments
from luxewin.modules.payments.public import Gateways, RefundOutcome, RefundStatus


async def execute(
    database: Database, tenant: Tenancy, principal: Principal, gateways: Gateways, refund_id: UUID
) -> None:
    """Have the gateway execute a granted refund under the refund's id, and record the outcome; a repeat is harmless."""
    refund = await database.run(tenant, principal, lambda tx: payments.begin_refund(tx, refund_id))
    attempt = await database.run(tenant, principal, lambda tx: payments.attempt(tx, refund.attempt_id))
    outcome = await gateways.get(attempt.gateway).refund(refund.instruction)
    await database.run(tenant, principal, lambda tx: _settle(tx, refund_id, outcome))


async def execute_if_due(
    database: Database, tenant: Tenancy, principal: Principal, gateways: Gateways, refund_id: UUID
) -> None:
    """Execute a refund unless it is executed already; for workflows that were resumed."""
    refund = await database.run(tenant, principal, lambda tx: payments.refund(tx, refund_id))
    if refund.status is not RefundStatus.EXECUTED:
        await execute(database, tenant, principal, gateways, refund_id)


async def _settle(tx: Transaction, refund_id: UUID, outcome: RefundOutcome) -> None:
    tx.write(*payments.settle_refund(tx, await payments.refund(tx, refund_id), outcome))
