"""Receiving webhooks: stored first, applied in a transaction of its own, retried after a crash."""

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
from luxewin.modules.payments.public import EndpointSecrets, EndpointUnknown, GatewayEvent, Gateways, PaymentGateway
from luxewin.modules.tenants.public import Directory
from luxewin.workflows.pay_order.steps import settle

log = structlog.get_logger("webhooks")


async def receive_webhook(
    context: RequestContext, *, gateway_name: str, endpoint_id: UUID, headers: Mapping[str, str], body: bytes
) -> None:
    """Store a webhook whose signature is valid, then apply it; the response depends only on whether it was stored.

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
        await _apply(context.database, tenant, gateway_name, event)
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
    await _apply(database, tenant, gateway_name, event)


async def _apply(database: Database, tenant: Tenancy, gateway_name: str, event: GatewayEvent) -> None:
    async def effect(tx: Transaction) -> None:
        attempt_id, outcome = payments.payment_outcome_of(event)
        await settle(tx, attempt_id, outcome)
        await tx.flush()
        if event.dispute is not None:
            attempt = await payments.attempt(tx, attempt_id)
            tx.write(
                *(await payments.open_dispute(tx, attempt, event.dispute.amount, reference=event.dispute.reference))
            )
        tx.write(payments.mark_webhook_handled(tx, gateway_name=gateway_name, event_id=event.id))

    await database.run(tenant, SYSTEM, effect)
