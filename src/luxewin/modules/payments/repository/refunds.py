"""Queries of refunds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from luxewin.kit.money import Money
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write, write
from luxewin.modules.payments.domain.refunds import Refund, RefundStatus, sources
from luxewin.modules.payments.errors import PaymentChanged

_SELECT = (
    "SELECT r.id, r.order_id, r.attempt_id, a.gateway, r.status, r.amount_minor, r.currency, r.reason, r.reference,"
    " r.failure, coalesce(a.reference, '') AS charge_reference, r.tries, r.version, r.created_at"
    " FROM payments_refunds r JOIN payments_attempts a ON a.tenant_id = r.tenant_id AND a.id = r.attempt_id"
)


@dataclass(frozen=True, slots=True)
class DueRefund:
    """An unfinished refund, to be begun or looked up at its gateway."""

    tenant_id: UUID
    refund_id: UUID
    gateway: str


def add_refund(
    tx: Transaction, *, refund_id: UUID, order_id: UUID, attempt_id: UUID, amount: Money, reason: str
) -> Write:
    """Return the write that stores a granted refund."""
    return write(
        "INSERT INTO payments_refunds (tenant_id, id, attempt_id, order_id, status, amount_minor, currency, reason,"
        " look_up_at, created_at, updated_at, version)"
        " VALUES ($1, $2, $3, $4, 'granted', $5, $6, $7, now(), kit_now(), kit_now(), 1) ON CONFLICT DO NOTHING",
        tx.tenant_id,
        refund_id,
        attempt_id,
        order_id,
        amount.minor,
        amount.currency,
        reason,
        rows=1,
        otherwise=PaymentChanged,
    )


def transition_refund(tx: Transaction, before: Refund, after: Refund) -> Write:
    """Return the write of a transition; it fails if the refund has changed since it was read."""
    return write(
        "UPDATE payments_refunds SET status = $3, reference = $4, failure = $5, tries = $6,"
        " look_up_at = CASE WHEN $7 THEN now() END, look_ups = 0, updated_at = kit_now(), version = version + 1"
        " WHERE tenant_id = $1 AND id = $2 AND version = $8 AND status = ANY ($9::text[])",
        tx.tenant_id,
        before.id,
        after.status,
        after.reference,
        after.failure,
        after.tries,
        after.status in {RefundStatus.EXECUTING, RefundStatus.UNKNOWN},
        before.version,
        sources(after.status),
        rows=1,
        otherwise=PaymentChanged,
    )


def retry_refund_later(tx: Transaction, refund: Refund) -> Write:
    """Return the write that schedules the next look-up, in 2, 4, 8 … seconds, at most an hour."""
    return write(
        "UPDATE payments_refunds SET look_ups = look_ups + 1,"
        " look_up_at = now() + make_interval(secs => least(3600, 2 ^ least(look_ups + 1, 12)))"
        " WHERE tenant_id = $1 AND id = $2 AND version = $3 AND look_up_at IS NOT NULL",
        tx.tenant_id,
        refund.id,
        refund.version,
    )


async def find_refund(tx: Transaction, refund_id: UUID) -> Refund | None:
    """Return a refund, or None."""
    row = await tx.fetchrow(f"{_SELECT} WHERE r.tenant_id = $1 AND r.id = $2", tx.tenant_id, refund_id)
    return None if row is None else _refund(row)


async def refunds_of(tx: Transaction, order_ids: Sequence[UUID]) -> list[Refund]:
    """Return every refund of the orders, oldest first."""
    rows = await tx.fetch(
        f"{_SELECT} WHERE r.tenant_id = $1 AND r.order_id = ANY ($2::uuid[]) ORDER BY r.created_at, r.id",
        tx.tenant_id,
        order_ids,
    )
    return [_refund(row) for row in rows]


async def refunds_of_attempt(tx: Transaction, attempt_id: UUID) -> list[Refund]:
    """Return every refund of an attempt, oldest first."""
    rows = await tx.fetch(
        f"{_SELECT} WHERE r.tenant_id = $1 AND r.attempt_id = $2 ORDER BY r.created_at, r.id", tx.tenant_id, attempt_id
    )
    return [_refund(row) for row in rows]


async def due_refunds(connection: Any, older_than_seconds: float, *, limit: int) -> list[DueRefund]:
    """Return unfinished refunds of every tenant that are overdue by so much, longest overdue first."""
    rows = await connection.fetch(
        "SELECT r.tenant_id, r.id, a.gateway FROM payments_refunds r"
        " JOIN payments_attempts a ON a.tenant_id = r.tenant_id AND a.id = r.attempt_id"
        " WHERE r.look_up_at <= now() - make_interval(secs => $1) ORDER BY r.look_up_at LIMIT $2",
        float(older_than_seconds),
        limit,
    )
    return [DueRefund(row["tenant_id"], row["id"], row["gateway"]) for row in rows]


def _refund(row: Any) -> Refund:
    return Refund(
        id=row["id"],
        order_id=row["order_id"],
        attempt_id=row["attempt_id"],
        gateway=row["gateway"],
        status=RefundStatus(row["status"]),
        amount=Money(row["amount_minor"], row["currency"]),
        reason=row["reason"],
        reference=row["reference"],
        failure=row["failure"],
        charge_reference=row["charge_reference"],
        tries=row["tries"],
        version=row["version"],
        created_at=row["created_at"],
    )
