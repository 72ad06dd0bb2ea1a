"""Queries of payment events: the append-only list from which every sum is recomputed.

The id of an event is derived from its content, so that no event is stored twice.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid5

from luxewin.kit.money import Money
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write, write
from luxewin.modules.payments.domain.attempts import Attempt
from luxewin.modules.payments.domain.gateway_messages import Dispute
from luxewin.modules.payments.domain.refunds import Refund
from luxewin.modules.payments.domain.summary import EventType, PaymentEvent
from luxewin.modules.payments.errors import PaymentChanged

_COLUMNS = "e.id, e.attempt_id, e.type, e.amount_minor, e.currency, e.reference, e.occurred_at"


def add_events(tx: Transaction, attempt: Attempt, events: Sequence[tuple[EventType, Money]]) -> Write:
    """Return the write that appends the events of a transition of an attempt."""
    return _add(
        tx,
        attempt_id=attempt.id,
        order_id=attempt.order_id,
        events=[(uuid5(attempt.id, kind), kind, amount) for kind, amount in events],
        reference=attempt.reference,
    )


def add_dispute_event(tx: Transaction, attempt: Attempt, event_id: UUID, dispute: Dispute) -> Write:
    """Return the write that appends a dispute."""
    return _add(
        tx,
        attempt_id=attempt.id,
        order_id=attempt.order_id,
        events=[(event_id, EventType.DISPUTED, dispute.amount)],
        reference=dispute.reference,
    )


def add_refund_event(tx: Transaction, refund: Refund) -> Write:
    """Return the write that appends an executed refund."""
    return _add(
        tx,
        attempt_id=refund.attempt_id,
        order_id=refund.order_id,
        events=[(uuid5(refund.id, EventType.REFUNDED), EventType.REFUNDED, refund.amount)],
        reference=refund.reference,
    )


async def event_exists(tx: Transaction, event_id: UUID) -> bool:
    """Return whether an event is stored."""
    exists: bool = await tx.fetchval(
        "SELECT EXISTS (SELECT FROM payments_events WHERE tenant_id = $1 AND id = $2)", tx.tenant_id, event_id
    )
    return exists


async def events_of_orders(tx: Transaction, order_ids: Sequence[UUID]) -> list[PaymentEvent]:
    """Return the events of the orders' payments, oldest first."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM payments_events e WHERE e.tenant_id = $1 AND e.order_id = ANY ($2::uuid[])"
        " ORDER BY e.occurred_at, e.id",
        tx.tenant_id,
        order_ids,
    )
    return [_event(row) for row in rows]


async def events_of_attempt(tx: Transaction, attempt_id: UUID) -> list[PaymentEvent]:
    """Return the events of an attempt, oldest first."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM payments_events e WHERE e.tenant_id = $1 AND e.attempt_id = $2"
        " ORDER BY e.occurred_at, e.id",
        tx.tenant_id,
        attempt_id,
    )
    return [_event(row) for row in rows]


def _add(
    tx: Transaction,
    *,
    attempt_id: UUID,
    order_id: UUID,
    events: Sequence[tuple[UUID, EventType, Money]],
    reference: str | None,
) -> Write:
    return write(
        "INSERT INTO payments_events (tenant_id, id, attempt_id, order_id, type, amount_minor, currency, reference,"
        " occurred_at)"
        " SELECT $1, e.id, $2, $3, e.type, e.amount_minor, e.currency, $4, kit_now()"
        " FROM unnest($5::uuid[], $6::text[], $7::bigint[], $8::text[]) AS e(id, type, amount_minor, currency)"
        " ON CONFLICT DO NOTHING",
        tx.tenant_id,
        attempt_id,
        order_id,
        reference,
        [event_id for event_id, _, _ in events],
        [kind for _, kind, _ in events],
        [amount.minor for _, _, amount in events],
        [amount.currency for _, _, amount in events],
        rows=len(events),
        otherwise=PaymentChanged,
    )


def _event(row: Any) -> PaymentEvent:
    return PaymentEvent(
        id=row["id"],
        attempt_id=row["attempt_id"],
        type=EventType(row["type"]),
        amount_minor=row["amount_minor"],
        currency=row["currency"],
        reference=row["reference"],
        occurred_at=row["occurred_at"],
    )
