"""Queries of webhook endpoints and webhook deliveries."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write, write
from luxewin.modules.payments.domain.gateway_messages import WebhookResult
from luxewin.modules.payments.errors import EndpointUnknown, WebhookHandled


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An open endpoint, without its secret."""

    id: UUID
    gateway: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class SealedSecret:
    """An endpoint's secret, and the database's time when it was read."""

    sealed_secret: bytes = field(repr=False)
    read_at: datetime


@dataclass(frozen=True, slots=True)
class DueWebhook:
    """A stored webhook that is not handled; `tries` counts how often the worker has tried."""

    tenant_id: UUID
    gateway: str
    event_id: str
    tries: int


def add_endpoint(tx: Transaction, endpoint_id: UUID, *, gateway: str, sealed_secret: bytes) -> Write:
    """Return the write that stores a new endpoint."""
    return write(
        "INSERT INTO payments_webhook_endpoints (tenant_id, id, gateway, sealed_secret, opened_at)"
        " VALUES ($1, $2, $3, $4, kit_now())",
        tx.tenant_id,
        endpoint_id,
        gateway,
        sealed_secret,
    )


def retire_endpoint(tx: Transaction, endpoint_id: UUID) -> Write:
    """Return the write that closes an endpoint."""
    return write(
        "UPDATE payments_webhook_endpoints SET retired_at = kit_now()"
        " WHERE tenant_id = $1 AND id = $2 AND retired_at IS NULL",
        tx.tenant_id,
        endpoint_id,
        rows=1,
        otherwise=EndpointUnknown,
    )


async def endpoints(tx: Transaction, *, after: UUID | None, limit: int) -> list[Endpoint]:
    """Return a page of the open endpoints, by id."""
    rows = await tx.fetch(
        "SELECT id, gateway, opened_at FROM payments_webhook_endpoints"
        " WHERE tenant_id = $1 AND retired_at IS NULL AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3",
        tx.tenant_id,
        after,
        limit,
    )
    return [Endpoint(row["id"], row["gateway"], row["opened_at"]) for row in rows]


async def endpoint_tenant(connection: Any, endpoint_id: UUID, *, gateway: str) -> UUID | None:
    """Return the tenant of an open endpoint, or None."""
    tenant_id: UUID | None = await connection.fetchval(
        "SELECT tenant_id FROM payments_webhook_endpoints WHERE id = $1 AND gateway = $2 AND retired_at IS NULL",
        endpoint_id,
        gateway,
    )
    return tenant_id


async def endpoint_secret(tx: Transaction, endpoint_id: UUID, *, gateway: str) -> SealedSecret | None:
    """Return the sealed secret of an open endpoint, or None."""
    row = await tx.fetchrow(
        "SELECT sealed_secret, now() AS read_at FROM payments_webhook_endpoints"
        " WHERE tenant_id = $1 AND id = $2 AND gateway = $3 AND retired_at IS NULL",
        tx.tenant_id,
        endpoint_id,
        gateway,
    )
    return None if row is None else SealedSecret(row["sealed_secret"], row["read_at"])


async def store_webhook(tx: Transaction, *, endpoint_id: UUID, gateway: str, event_id: str, body: bytes) -> bool:
    """Store a webhook unless it is stored already; return whether it is still unhandled.

    One that was contradicted or given up is due again: the gateway may know of it by now.
    """
    await tx.execute(
        "INSERT INTO payments_webhook_deliveries AS d"
        " (tenant_id, gateway, event_id, endpoint_id, body, received_at, due_at)"
        " VALUES ($1, $2, $3, $4, $5, kit_now(), now()) ON CONFLICT (tenant_id, gateway, event_id) DO UPDATE"
        " SET handled_at = NULL, due_at = now(), tries = 0, result = NULL WHERE d.result <> 'applied'",
        tx.tenant_id,
        gateway,
        event_id,
        endpoint_id,
        body,
    )
    is_unhandled: bool = await tx.fetchval(
        "SELECT handled_at IS NULL FROM payments_webhook_deliveries"
        " WHERE tenant_id = $1 AND gateway = $2 AND event_id = $3",
        tx.tenant_id,
        gateway,
        event_id,
    )
    return is_unhandled


def mark_webhook_handled(tx: Transaction, *, gateway: str, event_id: str, result: WebhookResult) -> Write:
    """Return the write that marks a webhook as handled; it fails if it is handled already."""
    return write(
        "UPDATE payments_webhook_deliveries SET result = $4, handled_at = kit_now(), due_at = NULL"
        " WHERE tenant_id = $1 AND gateway = $2 AND event_id = $3 AND handled_at IS NULL",
        tx.tenant_id,
        gateway,
        event_id,
        result,
        rows=1,
        otherwise=WebhookHandled,
    )


def retry_webhook_later(tx: Transaction, *, gateway: str, event_id: str) -> Write:
    """Return the write that schedules the next try, in 2, 4, 8 … seconds, at most an hour."""
    return write(
        "UPDATE payments_webhook_deliveries SET tries = tries + 1,"
        " due_at = now() + make_interval(secs => least(3600, 2 ^ least(tries + 1, 12)))"
        " WHERE tenant_id = $1 AND gateway = $2 AND event_id = $3 AND handled_at IS NULL",
        tx.tenant_id,
        gateway,
        event_id,
    )


async def webhook_body(tx: Transaction, *, gateway: str, event_id: str) -> bytes | None:
    """Return the body of a stored webhook, or None."""
    body: bytes | None = await tx.fetchval(
        "SELECT body FROM payments_webhook_deliveries WHERE tenant_id = $1 AND gateway = $2 AND event_id = $3",
        tx.tenant_id,
        gateway,
        event_id,
    )
    return body


async def due_webhooks(connection: Any, older_than_seconds: float, *, limit: int) -> list[DueWebhook]:
    """Return unhandled webhooks of every tenant that are overdue by so much, longest overdue first."""
    rows = await connection.fetch(
        "SELECT tenant_id, gateway, event_id, tries FROM payments_webhook_deliveries"
        " WHERE due_at <= now() - make_interval(secs => $1) ORDER BY due_at LIMIT $2",
        float(older_than_seconds),
        limit,
    )
    return [DueWebhook(row["tenant_id"], row["gateway"], row["event_id"], row["tries"]) for row in rows]
