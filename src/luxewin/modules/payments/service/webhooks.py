"""Webhooks: accepted only with a valid signature, stored before the response, applied once.

A signature is not enough to move money, because people of the tenant know the secret of its endpoint: a webhook is a
hint to ask the gateway, and only the gateway's record of the charge is booked.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write
from luxewin.modules.payments import repository
from luxewin.modules.payments.domain.attempts import Attempt
from luxewin.modules.payments.domain.gateway_messages import ChargeRecord, GatewayEvent, WebhookResult
from luxewin.modules.payments.errors import EndpointUnknown, WebhookRefused
from luxewin.modules.payments.events import WebhookContradicted
from luxewin.modules.payments.gateways.call_metrics import WEBHOOKS_HANDLED
from luxewin.modules.payments.gateways.protocol import PaymentGateway
from luxewin.modules.payments.repository.webhooks import DueWebhook
from luxewin.modules.payments.service.endpoints import EndpointSecrets

__all__ = [
    "DueWebhook",
    "contradict_webhook",
    "due_webhooks",
    "give_up_webhook",
    "mark_webhook_handled",
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
    return _identified(gateway.verify_webhook(secret, headers, body, at=found.read_at), body)


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
    return _ended(tx, gateway_name, event_id, WebhookResult.APPLIED)


def contradict_webhook(
    tx: Transaction, *, gateway_name: str, event: GatewayEvent, attempt: Attempt, record: ChargeRecord | None
) -> Write:
    """Return the write that marks a webhook as contradicted by the gateway; it is audited and published.

    Raises:
        WebhookHandled: (at the flush) it is handled already; a new try reads its effect.
    """
    claimed = "disputed" if event.dispute is not None else str(event.outcome.status)
    reported = None if record is None else str(record.outcome.status)
    tx.publish(
        WebhookContradicted(
            aggregate_id=new_id(),
            aggregate_version=1,
            event_id=event.id,
            attempt_id=attempt.id,
            order_id=attempt.order_id,
            gateway=gateway_name,
            claimed=claimed,
            reported=reported,
        )
    )
    tx.audit(
        "payments.webhook_contradicted",
        target=attempt.id,
        after={"event_id": event.id, "gateway": gateway_name, "claimed": claimed, "reported": reported},
    )
    return _ended(tx, gateway_name, event.id, WebhookResult.CONTRADICTED)


def give_up_webhook(tx: Transaction, *, gateway_name: str, event_id: str) -> Write:
    """Return the write that ends the tries to handle a webhook, until the gateway sends it again; it is audited.

    Raises:
        WebhookHandled: (at the flush) it is handled already.
    """
    tx.audit("payments.webhook_given_up", target=event_id, after={"gateway": gateway_name})
    return _ended(tx, gateway_name, event_id, WebhookResult.GIVEN_UP)


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
    return replace(gateway.parse_webhook(body), id=event_id)


def _identified(event: GatewayEvent, body: bytes) -> GatewayEvent:
    """Return the event under an id that includes its body, so that no forged one takes the place of another."""
    return replace(event, id=f"{event.id}:{hashlib.sha256(body).hexdigest()[:32]}")


def _ended(tx: Transaction, gateway_name: str, event_id: str, result: WebhookResult) -> Write:
    WEBHOOKS_HANDLED.labels(gateway_name, result).inc()
    return repository.mark_webhook_handled(tx, gateway=gateway_name, event_id=event_id, result=result)
