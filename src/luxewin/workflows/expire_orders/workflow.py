"""Expiring unpaid orders."""

from datetime import timedelta
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
from luxewin.modules.tenants.public import number_setting
from luxewin.workflows.pay_order.steps import VOIDABLE, record

BATCH = 100
STUCK = "its payment had no result in time"

log = structlog.get_logger("expire")


async def expire_due_orders(database: Database, tenant: Tenancy, gateways: Gateways) -> int:
    """End the tenant's orders whose payment window has closed; return how many ended.

    An order whose payment has had no result for `holds.stuck_payment_hours` ends too: money that is captured later is
    refunded. An order that cannot end now, because its gateway does not respond or it was changed, does not delay
    the others.
    """
    stuck_for = timedelta(hours=number_setting(tenant.settings, "holds.stuck_payment_hours"))
    due = await database.run(tenant, SYSTEM, partial(orders.due_orders, stuck_for=stuck_for, limit=BATCH))
    ended = 0
    for order_id, is_stuck in due:
        if is_stuck:
            ended += await database.run(tenant, SYSTEM, partial(_close_stuck, order_id=order_id))
            continue
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


async def _close_stuck(tx: Transaction, order_id: UUID) -> bool:
    order = await orders.find_order(tx, order_id)
    return order is not None and await orders.close_order(tx, order, note=STUCK, although_unknown=True)


async def _expire(tx: Transaction, order_id: UUID) -> bool:
    order = await orders.find_order(tx, order_id)
    return order is not None and await orders.expire_order(tx, order)
