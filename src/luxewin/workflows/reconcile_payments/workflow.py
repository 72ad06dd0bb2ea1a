"""How interrupted payments, refunds and webhooks end: by asking the other side, never by guessing."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any

import structlog

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.errors import DomainError
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction
from luxewin.modules.payments import public as payments
from luxewin.modules.payments.public import Attempt, DueWebhook, Gateways, Outcome, PaymentGateway, Refund
from luxewin.modules.tenants.public import Directory
from luxewin.workflows.pay_order.workflow import charge, record
from luxewin.workflows.receive_webhook.workflow import apply_event
from luxewin.workflows.refund_order.workflow import execute

LOOK_UP_AFTER_SECONDS = 2.0
"""An attempt, refund or webhook untouched for so long was left by whoever began it, or is not known to have ended."""

ABANDONED_AFTER = timedelta(minutes=1)
"""For so long a charge of which the gateway has never heard is repeated."""

log = structlog.get_logger("reconcile")


async def resolve_due_attempts(database: Database, directory: Directory, gateways: Gateways) -> int:
    """Ask the gateways how every unfinished attempt stands, and record what they say."""
    async with database.system() as connection:
        due = await payments.due_attempts(connection, LOOK_UP_AFTER_SECONDS)
    return await _each(due, directory, lambda tenant, item: _resolve(database, tenant, gateways, item.attempt_id))


async def finish_due_refunds(database: Database, directory: Directory, gateways: Gateways) -> int:
    """Execute every refund that was granted, or begun, and not finished."""
    async with database.system() as connection:
        due = await payments.due_refunds(connection, LOOK_UP_AFTER_SECONDS)
    return await _each(due, directory, lambda tenant, item: _finish(database, tenant, gateways, item.refund_id))


async def apply_due_webhooks(database: Database, directory: Directory, gateways: Gateways) -> int:
    """Apply every webhook that was stored and not handled."""
    async with database.system() as connection:
        due = await payments.due_webhooks(connection, LOOK_UP_AFTER_SECONDS)

    async def apply(tenant: Tenancy, item: Any) -> None:
        await database.run(tenant, SYSTEM, partial(_put_webhook_off, item=item))
        await apply_event(database, tenant, gateways, gateway_name=item.gateway, event_id=item.event_id)

    return await _each(due, directory, apply)


async def _each(due: Any, directory: Directory, finish: Callable[[Tenancy, Any], Awaitable[None]]) -> int:
    tenants = {tenant.id: tenant for tenant in await directory.all()}
    for item in due:
        try:
            await finish(tenants[item.tenant_id], item)
        except DomainError as error:
            log.warning("not finished; it will be tried again", item=repr(item), error=error.code)
    return len(due)


async def _resolve(database: Database, tenant: Tenancy, gateways: Gateways, attempt_id: Any) -> None:
    attempt: Attempt = await database.run(tenant, SYSTEM, lambda tx: payments.attempt(tx, attempt_id))
    await database.run(tenant, SYSTEM, partial(_put_off, attempt=attempt))
    gateway = gateways.named(attempt.gateway)
    outcome = await gateway.look_up(attempt.id)
    if outcome is None:
        outcome = await _repeated_or_given_up(database, tenant, gateway, attempt)
    await record(database, tenant, SYSTEM, attempt.id, outcome)


async def _repeated_or_given_up(
    database: Database, tenant: Tenancy, gateway: PaymentGateway, attempt: Attempt
) -> Outcome:
    """Charge again, under the same key, what the gateway has never heard of; after a minute, give it up.

    What is given up may still be on its way, so it is voided at the gateway first, which then refuses it.
    """
    now = await database.run(tenant, SYSTEM, lambda tx: tx.now())
    if attempt.token is None or now - attempt.created_at > ABANDONED_AFTER:
        return await gateway.void(attempt.id, attempt.reference)
    return await charge(gateway, tenant, attempt)


async def _put_off(tx: Transaction, attempt: Attempt) -> None:
    tx.write(payments.look_up_later(tx, attempt))


async def _finish(database: Database, tenant: Tenancy, gateways: Gateways, refund_id: Any) -> None:
    refund: Refund = await database.run(tenant, SYSTEM, lambda tx: payments.refund(tx, refund_id))
    await database.run(tenant, SYSTEM, partial(_put_refund_off, refund=refund))
    await execute(database, tenant, SYSTEM, gateways, refund_id)


async def _put_refund_off(tx: Transaction, refund: Refund) -> None:
    tx.write(payments.look_up_refund_later(tx, refund))


async def _put_webhook_off(tx: Transaction, item: DueWebhook) -> None:
    tx.write(payments.retry_webhook_later(tx, gateway_name=item.gateway, event_id=item.event_id))
