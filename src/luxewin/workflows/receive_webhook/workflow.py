"""Receiving webhooks: stored first; then the gateway is asked, and its answer is applied in another transaction."""

from collections.abc import Mapping
from uuid import UUID

import structlog

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.errors import DomainError
from luxewin.kit.http.context import RequestContext
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction
from luxewin.modules.payments import public as payments
from luxewin.modules.payments.public import (
    ChargeRecord,
    EndpointSecrets,
    EndpointUnknown,
    GatewayEvent,
    Gateways,
    GatewayUnavailable,
    PaymentGateway,
    PaymentUnknown,
)
from luxewin.modules.tenants.public import Directory
from luxewin.workflows.pay_order.steps import settle

log = structlog.get_logger("webhooks")


async def receive_webhook(
    context: RequestContext, *, gateway_name: str, endpoint_id: UUID, headers: Mapping[str, str], body: bytes
) -> None:
    """Store a webhook whose signature is valid, then ask the gateway about its charge, once, and apply the answer.

    The response depends only on whether the webhook was stored. Nothing in its body is booked.

    The endpoint determines the tenant: a gateway sends to one address, without our headers.

    Raises:
        EndpointUnknown, WebhookRefused: nothing was stored.
    """
    gateway = context.service(Gateways).get(gateway_name)
    tenant = await _tenant_of(context, endpoint_id, gateway_name)

    async def store(tx: Transaction) -> GatewayEvent | None:
        event = await payments.verify_event(
            tx,
            gateway,
            context.service(EndpointSecrets),
            endpoint_id=endpoint_id,
            gateway_name=gateway_name,
            headers=headers,
            body=body,
        )
        is_due = await payments.store_webhook(
            tx, endpoint_id=endpoint_id, gateway_name=gateway_name, event=event, body=body
        )
        return event if is_due else None

    event = await context.database.run(tenant, SYSTEM, store)
    if event is None:
        return
    try:
        await _apply(context.database, tenant, gateway, event)
    except DomainError as error:
        log.warning("a webhook is stored and not applied; it will be retried", error=error.code)


async def _tenant_of(context: RequestContext, endpoint_id: UUID, gateway_name: str) -> Tenancy:
    async with context.database.system() as connection:
        tenant_id = await payments.endpoint_tenant(connection, endpoint_id, gateway=gateway_name)
    tenant = await context.service(Directory).by_id(tenant_id)
    if tenant is None:
        raise EndpointUnknown
    return tenant


async def apply_event(
    database: Database, tenant: Tenancy, gateways: Gateways, *, gateway_name: str, event_id: str
) -> None:
    """Apply a webhook that was stored before and not handled."""
    gateway: PaymentGateway = gateways.get(gateway_name)
    event = await database.run(
        tenant,
        SYSTEM,
        lambda tx: payments.stored_event(tx, gateway, gateway_name=gateway_name, event_id=event_id),
    )
    await _apply(database, tenant, gateway, event)


async def _apply(database: Database, tenant: Tenancy, gateway: PaymentGateway, event: GatewayEvent) -> None:
    """Ask the gateway about the charge of an event, and apply the answer.

    Raises:
        PaymentUnknown: the tenant has no such payment at this gateway; the gateway is not asked.
        GatewayUnavailable: the gateway has not answered, or has not decided yet.
    """
    attempt = await database.run(tenant, SYSTEM, lambda tx: payments.attempt(tx, event.attempt_id))
    if attempt.gateway != gateway.name:
        raise PaymentUnknown
    record = await gateway.retrieve(str(tenant.id), attempt.id)
    if record is not None and not record.is_decided:
        raise GatewayUnavailable
    await database.run(tenant, SYSTEM, lambda tx: _record(tx, gateway.name, event, record))


async def _record(tx: Transaction, gateway_name: str, event: GatewayEvent, record: ChargeRecord | None) -> None:
    if record is not None:
        await settle(tx, event.attempt_id, record.outcome)
        await tx.flush()
        for dispute in record.disputes:
            attempt = await payments.attempt(tx, event.attempt_id)
            tx.write(*(await payments.open_dispute(tx, attempt, dispute.amount, reference=dispute.reference)))
            await tx.flush()
    if event.is_confirmed_by(record):
        tx.write(payments.mark_webhook_handled(tx, gateway_name=gateway_name, event_id=event.id))
        return
    log.warning("the gateway does not confirm a webhook", gateway=gateway_name, event_id=event.id)
    attempt = await payments.attempt(tx, event.attempt_id)
    tx.write(payments.contradict_webhook(tx, gateway_name=gateway_name, event=event, attempt=attempt, record=record))
