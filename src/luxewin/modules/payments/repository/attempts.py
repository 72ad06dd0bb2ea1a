"""Queries of attempts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from luxewin.kit.money import Money
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write, write
from luxewin.modules.payments.domain.attempts import LIVE, UNDECIDED, Attempt, AttemptStatus, sources
from luxewin.modules.payments.domain.gateway_messages import Dispute
from luxewin.modules.payments.errors import PaymentChanged, PaymentInProgress, RefundExceedsCapture

_COLUMNS = (
    "a.id, a.order_id, a.gateway, a.status, a.amount_minor, a.currency, a.token, a.reference, a.reason, a.next_action,"
    " a.captured_minor, a.refund_granted_minor, a.version, a.created_at"
)


@dataclass(frozen=True, slots=True)
class DueAttempt:
    """An unfinished attempt, to be looked up at its gateway."""

    tenant_id: UUID
    attempt_id: UUID
    gateway: str


def add_attempt(tx: Transaction, attempt: Attempt) -> Write:
    """Return the write that stores a new attempt; it fails if the order has a live one."""
    return write(
        "INSERT INTO payments_attempts (tenant_id, id, order_id, gateway, status, amount_minor, currency, token,"
        " look_up_at, created_at, updated_at, version)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, now(), $9, $9, $10) ON CONFLICT DO NOTHING",
        tx.tenant_id,
        attempt.id,
        attempt.order_id,
        attempt.gateway,
        attempt.status,
        attempt.amount.minor,
        attempt.amount.currency,
        attempt.token,
        attempt.created_at,
        attempt.version,
        rows=1,
        otherwise=PaymentInProgress,
    )


def transition_attempt(tx: Transaction, before: Attempt, after: Attempt) -> Write:
    """Return the write of a transition; it fails if the attempt has changed since it was read."""
    return write(
        "UPDATE payments_attempts SET status = $3, token = $4, reference = $5, reason = $6, next_action = $7,"
        " captured_minor = $8, look_up_at = CASE WHEN $9 THEN now() END, look_ups = 0, updated_at = kit_now(),"
        " version = version + 1 WHERE tenant_id = $1 AND id = $2 AND version = $10 AND status = ANY ($11::text[])",
        tx.tenant_id,
        before.id,
        after.status,
        after.token,
        after.reference,
        after.reason,
        None if after.next_action is None else dict(after.next_action),
        after.captured.minor,
        after.status in UNDECIDED,
        before.version,
        sources(after.status),
        rows=1,
        otherwise=PaymentChanged,
    )


def retry_attempt_later(tx: Transaction, attempt: Attempt) -> Write:
    """Return the write that schedules the next look-up, in 2, 4, 8 … seconds, at most an hour."""
    return write(
        "UPDATE payments_attempts SET look_ups = look_ups + 1,"
        " look_up_at = now() + make_interval(secs => least(3600, 2 ^ least(look_ups + 1, 12)))"
        " WHERE tenant_id = $1 AND id = $2 AND version = $3 AND look_up_at IS NOT NULL",
        tx.tenant_id,
        attempt.id,
        attempt.version,
    )


def reserve_refund(tx: Transaction, attempt_id: UUID, amount: Money) -> Write:
    """Return the write that reserves a part of the capture for a refund; it fails if too little is left."""
    return write(
        "UPDATE payments_attempts SET refund_granted_minor = refund_granted_minor + $3, updated_at = kit_now(),"
        " version = version + 1 WHERE tenant_id = $1 AND id = $2 AND status = 'captured' AND currency = $4"
        " AND captured_minor - refund_granted_minor - disputed_minor >= $3",
        tx.tenant_id,
        attempt_id,
        amount.minor,
        amount.currency,
        rows=1,
        otherwise=RefundExceedsCapture,
    )


def release_refund(tx: Transaction, attempt_id: UUID, amount: Money) -> Write:
    """Return the write that releases the amount that a failed refund had reserved."""
    return write(
        "UPDATE payments_attempts SET refund_granted_minor = refund_granted_minor - $3, updated_at = kit_now(),"
        " version = version + 1 WHERE tenant_id = $1 AND id = $2 AND refund_granted_minor >= $3",
        tx.tenant_id,
        attempt_id,
        amount.minor,
        rows=1,
        otherwise=PaymentChanged,
    )


async def disputed_orders(tx: Transaction, *, first: UUID, last: UUID) -> list[UUID]:
    """Return the orders with a disputed payment, whose ids are in this range; ids are in order of time."""
    rows = await tx.fetch(
        "SELECT DISTINCT order_id FROM payments_attempts"
        " WHERE tenant_id = $1 AND disputed_minor > 0 AND order_id BETWEEN $2 AND $3",
        tx.tenant_id,
        first,
        last,
    )
    return [row["order_id"] for row in rows]


def dispute_attempt(tx: Transaction, attempt: Attempt, dispute: Dispute) -> Write:
    """Return the write that adds a disputed amount; it fails if nothing is captured or the attempt has changed."""
    return write(
        "UPDATE payments_attempts SET disputed_minor = disputed_minor + $3, updated_at = kit_now(),"
        " version = version + 1"
        " WHERE tenant_id = $1 AND id = $2 AND version = $4 AND status IN ('captured', 'quarantined')",
        tx.tenant_id,
        attempt.id,
        dispute.amount.minor,
        attempt.version,
        rows=1,
        otherwise=PaymentChanged,
    )


async def find_attempt(tx: Transaction, attempt_id: UUID) -> Attempt | None:
    """Return an attempt, or None."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM payments_attempts a WHERE a.tenant_id = $1 AND a.id = $2", tx.tenant_id, attempt_id
    )
    return None if row is None else _attempt(row)


async def attempts_of(tx: Transaction, order_ids: Sequence[UUID]) -> list[Attempt]:
    """Return every attempt to pay the orders, oldest first."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM payments_attempts a WHERE a.tenant_id = $1 AND a.order_id = ANY ($2::uuid[])"
        " ORDER BY a.created_at, a.id",
        tx.tenant_id,
        order_ids,
    )
    return [_attempt(row) for row in rows]


async def live_attempt(tx: Transaction, order_id: UUID) -> Attempt | None:
    """Return an order's live attempt, or None."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM payments_attempts a"
        " WHERE a.tenant_id = $1 AND a.order_id = $2 AND a.status = ANY ($3::text[])",
        tx.tenant_id,
        order_id,
        sorted(LIVE),
    )
    return None if row is None else _attempt(row)


async def attempt_page(
    tx: Transaction,
    *,
    order_id: UUID | None,
    status: AttemptStatus | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Attempt]:
    """Return a page of attempts, newest first."""
    conditions, parameters = ["a.tenant_id = $1"], [tx.tenant_id, limit]
    for column, wanted in (("order_id", order_id), ("status", status)):
        if wanted is not None:
            parameters.append(wanted)
            conditions.append(f"a.{column} = ${len(parameters)}")
    if before is not None:
        parameters.extend(before)
        conditions.append(f"(a.created_at, a.id) < (${len(parameters) - 1}, ${len(parameters)})")
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM payments_attempts a WHERE {' AND '.join(conditions)}"
        " ORDER BY a.created_at DESC, a.id DESC LIMIT $2",
        *parameters,
    )
    return [_attempt(row) for row in rows]


async def due_attempts(connection: Any, older_than_seconds: float, *, limit: int) -> list[DueAttempt]:
    """Return undecided attempts of every tenant whose look-up is overdue by so much, longest overdue first."""
    rows = await connection.fetch(
        "SELECT tenant_id, id, gateway FROM payments_attempts"
        " WHERE look_up_at <= now() - make_interval(secs => $1) ORDER BY look_up_at LIMIT $2",
        float(older_than_seconds),
        limit,
    )
    return [DueAttempt(row["tenant_id"], row["id"], row["gateway"]) for row in rows]


def _attempt(row: Any) -> Attempt:
    currency = row["currency"]
    return Attempt(
        id=row["id"],
        order_id=row["order_id"],
        gateway=row["gateway"],
        status=AttemptStatus(row["status"]),
        amount=Money(row["amount_minor"], currency),
        captured=Money(row["captured_minor"], currency),
        refund_granted=Money(row["refund_granted_minor"], currency),
        token=row["token"],
        reference=row["reference"],
        reason=row["reason"],
        next_action=row["next_action"],
        version=row["version"],
        created_at=row["created_at"],
    )
