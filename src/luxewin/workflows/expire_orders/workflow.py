"""Expiring unpaid orders."""

from functools import partial
from uuid import UUID

import structlog

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.errors import DomainError
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction
from luxewin.modules.orders import public as orders
from luxewin.modules.payments import public as payments
from luxewin.modules.payments.public import Gateways
from luxewin.workflows.pay_order.steps import VOIDABLE, record

BATCH = 100

log = structlog.get_logger("expire")


async def expire_due_orders(database: Database, tenant: Tenancy, gateways: Gateways) -> int:
    """End the tenant's orders whose payment window has closed; return how many ended.

    An order that cannot end now, because its gateway does not respond or it was changed, does not delay the others.
    """
    due = await database.run(tenant, SYSTEM, lambda tx: orders.due_orders(tx, limit=BATCH))
    ended = 0
    for order_id in due:
        try:
            await end_waiting_payment(database, tenant, gateways, order_id)
            ended += await database.run(tenant, SYSTEM, partial(_expire, order_id=order_id))
        except DomainError as error:
            log.warning("not expired; it will be retried", order_id=str(order_id), error=error.code)
    return ended


async def end_waiting_payment(database: Database, tenant: Tenancy, gateways: Gateways, order_id: UUID) -> None:
    """Void a payment that waits for the buyer or for its capture; unknown outcomes are left to reconciliation."""
    attempt = await database.run(tenant, SYSTEM, lambda tx: payments.live_attempt(tx, order_id))
    if attempt is None or attempt.status not in VOIDABLE:
        return
    outcome = await gateways.get(attempt.gateway).void(attempt.id, attempt.reference)
    await record(database, tenant, SYSTEM, attempt.id, outcome)


async def _expire(tx: Transaction, order_id: UUID) -> bool:
    order = await orders.find_order(tx, order_id)
    return order is not None and await orders.expire_order(tx, order)
