"""Webhooks: believed only with a valid signature, stored before they are answered, applied once."""

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
    "payment_outcome_of",
    "retry_webhook_later",
    "store_webhook",
    "stored_event",
    "verified_event",
    "webhook_handled",
]


async def verified_event(
    tx: Transaction,
    gateway: PaymentGateway,
    endpoint_secrets: EndpointSecrets,
    *,
    endpoint_id: UUID,
    gateway_name: str,
    headers: Mapping[str, str],
    body: bytes,
) -> GatewayEvent:
    """Return the event of a webhook that came to an endpoint, once it is sure that the gateway sent it just now.

    `headers` has lower-case names. The age is measured on the database's own clock: a gateway does not follow the clock
    of a sandbox.

    Raises:
        EndpointUnknown: this tenant has no such open endpoint for this gateway.
        WebhookRefused: the signature does not fit, or is too old, or the body is no event.
    """
    found = await repository.endpoint_secret(tx, endpoint_id, gateway=gateway_name)
    if found is None:
        raise EndpointUnknown
    secret = endpoint_secrets.open(found.sealed_secret, tenant_id=tx.tenant_id, endpoint_id=endpoint_id)
    return gateway.verify_webhook(secret, headers, body, at=found.read_at)


async def store_webhook(
    tx: Transaction, *, endpoint_id: UUID, gateway_name: str, event: GatewayEvent, body: bytes
) -> bool:
    """Store the body of a verified webhook; tell whether its effect is still to come.

    False: an equal event has been handled before. A webhook that was stored and never handled is still to come, so that
    a repeat of it, or `due_webhooks`, makes up for a crash in between.
    """
    return await repository.store_webhook(
        tx, endpoint_id=endpoint_id, gateway=gateway_name, event_id=event.id, body=body
    )


def webhook_handled(tx: Transaction, *, gateway_name: str, event_id: str) -> Write:
    """Return the write that marks a webhook as handled, for the transaction that holds its effect.

    Raises:
        WebhookHandled: (at the flush) somebody else did; a fresh try finds its effect.
    """
    return repository.webhook_handled(tx, gateway=gateway_name, event_id=event_id)


def retry_webhook_later(tx: Transaction, *, gateway_name: str, event_id: str) -> Write:
    """Return the write that puts off the next try to handle a webhook, each time twice as long."""
    return repository.retry_webhook_later(tx, gateway=gateway_name, event_id=event_id)


async def due_webhooks(connection: Any, older_than_seconds: float, *, limit: int = 100) -> list[DueWebhook]:
    """Return webhooks of every tenant that were stored and not handled; for the system's role."""
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
    """Return the attempt an event is about, and how its charge stands: settle it before anything else of the event."""
    return event.attempt_id, event.outcome
