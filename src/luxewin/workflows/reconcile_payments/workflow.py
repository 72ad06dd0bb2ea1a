"""Resolving interrupted payments, refunds and webhooks: the gateway is queried, nothing is assumed."""

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
from luxewin.workflows.pay_order.steps import charge, record
from luxewin.workflows.receive_webhook.workflow import apply_event
from luxewin.workflows.refund_order.steps import execute

LOOK_UP_AFTER_SECONDS = 2.0
"""After this time without a change, an attempt, refund or webhook counts as interrupted."""

ABANDONED_AFTER = timedelta(minutes=1)
"""A charge of which the gateway has no record is repeated until it is this old, then voided."""

WEBHOOK_TRIES = 80
"""A webhook is tried so often, which takes about three days, unless the gateway sends it again."""

TRIES_WITHOUT_PAYMENT = 8
"""A webhook about a payment that does not exist is tried so often, which takes about nine minutes."""

log = structlog.get_logger("reconcile")


async def resolve_due_attempts(database: Database, directory: Directory, gateways: Gateways) -> int:
    """Look up every unfinished attempt at its gateway, and record the outcome; return how many were due."""
    async with database.system() as connection:
        due = await payments.due_attempts(connection, LOOK_UP_AFTER_SECONDS)
    return await _each(due, directory, lambda tenant, item: _resolve(database, tenant, gateways, item.attempt_id))


async def finish_due_refunds(database: Database, directory: Directory, gateways: Gateways) -> int:
    """Execute every refund that was granted and is not finished; return how many were due."""
    async with database.system() as connection:
        due = await payments.due_refunds(connection, LOOK_UP_AFTER_SECONDS)
    return await _each(due, directory, lambda tenant, item: _finish(database, tenant, gateways, item.refund_id))


async def apply_due_webhooks(database: Database, directory: Directory, gateways: Gateways) -> int:
    """Apply every webhook that was stored and not handled, or give it up; return how many were due."""
    async with database.system() as connection:
        due = await payments.due_webhooks(connection, LOOK_UP_AFTER_SECONDS)

    async def apply(tenant: Tenancy, item: Any) -> None:
        await database.run(tenant, SYSTEM, partial(_postpone_webhook, item=item))
        try:
            await apply_event(database, tenant, gateways, gateway_name=item.gateway, event_id=item.event_id)
        except DomainError as error:
            tries = TRIES_WITHOUT_PAYMENT if isinstance(error, payments.PaymentUnknown) else WEBHOOK_TRIES
            if item.tries + 1 < tries:
                raise
            log.warning("a webhook is given up", item=repr(item), error=error.code)
            await database.run(tenant, SYSTEM, partial(_give_up_webhook, item=item))

    return await _each(due, directory, apply)


async def _each(due: Any, directory: Directory, finish: Callable[[Tenancy, Any], Awaitable[None]]) -> int:
    tenants = {tenant.id: tenant for tenant in await directory.all()}
    for item in due:
        try:
            await finish(tenants[item.tenant_id], item)
        except DomainError as error:
            log.warning("not finished; it will be retried", item=repr(item), error=error.code)
    return len(due)


async def _resolve(database: Database, tenant: Tenancy, gateways: Gateways, attempt_id: Any) -> None:
    attempt: Attempt = await database.run(tenant, SYSTEM, lambda tx: payments.attempt(tx, attempt_id))
    await database.run(tenant, SYSTEM, partial(_postpone, attempt=attempt))
    gateway = gateways.get(attempt.gateway)
    outcome = await gateway.look_up(attempt.id)
    if outcome is None:
        outcome = await _repeat_or_give_up(database, tenant, gateway, attempt)
    await record(database, tenant, SYSTEM, attempt.id, outcome)


async def _repeat_or_give_up(database: Database, tenant: Tenancy, gateway: PaymentGateway, attempt: Attempt) -> Outcome:
    """Repeat a charge of which the gateway has no record, under the same key; after a minute, void it instead.

    The first request may still arrive at the gateway, which refuses it once the charge is voided.
    """
    now = await database.run(tenant, SYSTEM, lambda tx: tx.now())
    if attempt.token is None or now - attempt.created_at > ABANDONED_AFTER:
        return await gateway.void(attempt.id, attempt.reference)
    return await charge(gateway, tenant, attempt)


async def _postpone(tx: Transaction, attempt: Attempt) -> None:
    tx.write(payments.look_up_later(tx, attempt))


async def _finish(database: Database, tenant: Tenancy, gateways: Gateways, refund_id: Any) -> None:
    refund: Refund = await database.run(tenant, SYSTEM, lambda tx: payments.refund(tx, refund_id))
    await database.run(tenant, SYSTEM, partial(_postpone_refund, refund=refund))
    await execute(database, tenant, SYSTEM, gateways, refund_id)


async def _postpone_refund(tx: Transaction, refund: Refund) -> None:
    tx.write(payments.look_up_refund_later(tx, refund))


async def _give_up_webhook(tx: Transaction, item: DueWebhook) -> None:
    tx.write(payments.give_up_webhook(tx, gateway_name=item.gateway, event_id=item.event_id))


async def _postpone_webhook(tx: Transaction, item: DueWebhook) -> None:
    tx.write(payments.retry_webhook_later(tx, gateway_name=item.gateway, event_id=item.event_id))
