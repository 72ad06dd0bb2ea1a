"""Webhooks: accepted only with a valid signature, stored before the response, applied once."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write
from luxewin.modules.payments import repository
from luxewin.modules.payments.domain.gateway_messages import GatewayEvent, Outcome
from luxewin.modules.payments.errors import EndpointUnknown, WebhookRefused
from luxewin.modules.payments.gateways.protocol import PaymentGateway
from luxewin.modules.payments.repository.webhooks import DueWebhook
from luxewin.modules.payments.service.endpoints import EndpointSecrets

__all__ = [
    "DueWebhook",
    "due_webhooks",
    "mark_webhook_handled",
    "payment_outcome_of",
    "retry_webhook_later",
    "store_webhook",
    "stored_event",
    "verify_event",
]


async def verify_event(
    tx: Transaction,
    gateway: PaymentGateway,
    endpoint_secrets: EndpointSecrets,
    *,
    endpoint_id: UUID,
    gateway_name: str,
    headers: Mapping[str, str],
    body: bytes,
) -> GatewayEvent:
    """Return the event of a webhook that was sent to an endpoint, if its signature is valid and recent.

    `headers` has lower-case names. The age is measured by the database's clock without the tenant's offset, because the
    clock of a sandbox does not apply to a gateway.

    Raises:
        EndpointUnknown: this tenant has no such open endpoint for this gateway.
        WebhookRefused: the signature is wrong or too old, or the body is not an event.
    """
    found = await repository.endpoint_secret(tx, endpoint_id, gateway=gateway_name)
    if found is None:
        raise EndpointUnknown
    secret = endpoint_secrets.open(found.sealed_secret, tenant_id=tx.tenant_id, endpoint_id=endpoint_id)
    return gateway.verify_webhook(secret, headers, body, at=found.read_at)


async def store_webhook(
    tx: Transaction, *, endpoint_id: UUID, gateway_name: str, event: GatewayEvent, body: bytes
) -> bool:
    """Store the body of a verified webhook; return whether it still has to be handled.

    False: the same event was handled before. A webhook that was stored and not handled still has to be, so after a
    crash in between it is handled when it is repeated, or by `due_webhooks`.
    """
    return await repository.store_webhook(
        tx, endpoint_id=endpoint_id, gateway=gateway_name, event_id=event.id, body=body
    )


def mark_webhook_handled(tx: Transaction, *, gateway_name: str, event_id: str) -> Write:
    """Return the write that marks a webhook as handled, for the transaction that applies it.

    Raises:
        WebhookHandled: (at the flush) it is handled already; a new try reads its effect.
    """
    return repository.mark_webhook_handled(tx, gateway=gateway_name, event_id=event_id)


def retry_webhook_later(tx: Transaction, *, gateway_name: str, event_id: str) -> Write:
    """Return the write that schedules the next try to handle a webhook, with a delay that doubles."""
    return repository.retry_webhook_later(tx, gateway=gateway_name, event_id=event_id)


async def due_webhooks(connection: Any, older_than_seconds: float, *, limit: int = 100) -> list[DueWebhook]:
    """Return stored webhooks of every tenant that are not handled; for the system's role."""
    return await repository.due_webhooks(connection, older_than_seconds, limit=limit)


async def stored_event(tx: Transaction, gateway: PaymentGateway, *, gateway_name: str, event_id: str) -> GatewayEvent:
    """Return the event of a webhook that was verified and stored before.

    Raises:
        WebhookRefused: there is no such webhook.
    """
    body = await repository.webhook_body(tx, gateway=gateway_name, event_id=event_id)
    if body is None:
        raise WebhookRefused
    return gateway.parse_webhook(body)


def payment_outcome_of(event: GatewayEvent) -> tuple[UUID, Outcome]:
    """Return the attempt of an event and the status of its charge, which is settled before the rest of the event."""
    return event.attempt_id, event.outcome
