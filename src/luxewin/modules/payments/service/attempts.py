"""Attempts to pay an order, and their outcomes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from luxewin.kit.cards import looks_like_card_number
from luxewin.kit.errors import InvalidInput
from luxewin.kit.money import Money
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write
from luxewin.modules.ledger import public as ledger
from luxewin.modules.payments import repository
from luxewin.modules.payments.domain.attempts import (
    Attempt,
    AttemptStatus,
    events_of_transition,
    next_status,
    reason_of,
)
from luxewin.modules.payments.domain.gateway_messages import Outcome
from luxewin.modules.payments.domain.summary import EventAmount, PaymentSummary, summary_of
from luxewin.modules.payments.errors import CardDataRefused, PaymentUnknown
from luxewin.modules.payments.events import PaymentCaptured, PaymentDeclined, PaymentQuarantined
from luxewin.modules.payments.repository.attempts import DueAttempt
from luxewin.modules.payments.service.clearing import capture_transfer, suspense_transfer

__all__ = [
    "DueAttempt",
    "Settled",
    "attempt",
    "attempts_of",
    "begin_attempt",
    "due_attempts",
    "find_attempt",
    "live_attempt",
    "look_up_later",
    "settle",
    "summary",
]


@dataclass(frozen=True, slots=True)
class Settled:
    """The effect of an outcome: the attempt after it, the amount captured for its order, and the writes.

    `captured` is set exactly once for an attempt, so its order is paid once. Without writes the outcome changes
    nothing. `events` are the payment events that the writes append.
    """

    attempt: Attempt
    captured: Money | None
    writes: Sequence[Write]
    events: Sequence[EventAmount] = ()


def begin_attempt(tx: Transaction, attempt: Attempt) -> list[Write]:
    """Return the writes that store a new attempt; its id is the gateway's idempotency key.

    Raises:
        CardDataRefused: the token looks like a card number.
        PaymentInProgress: (at the flush) the order has a live attempt, or the id exists.
    """
    if attempt.token is not None and looks_like_card_number(attempt.token):
        raise CardDataRefused(pointer="/payment/token")
    if attempt.amount.minor <= 0:
        raise InvalidInput("A payment takes at least one minor unit")
    return [repository.add_attempt(tx, attempt)]


def settle(tx: Transaction, attempt: Attempt, outcome: Outcome) -> Settled:
    """Apply an outcome to an attempt; an outcome that was applied before changes nothing.

    A capture is posted as gateway clearing / order clearing. Another amount than the requested one, or a capture after
    the attempt ended, is posted to suspense with the attempt as owner, and the attempt is quarantined.

    Raises:
        TransitionRefused: the outcome contradicts what is recorded.
        PaymentChanged: (at the flush) another outcome was recorded at the same time; a new try reads it.
    """
    target = next_status(attempt, outcome)
    if target is None:
        return Settled(attempt, None, [])
    after = _apply_outcome(attempt, target, outcome)
    events = events_of_transition(attempt, target, outcome)
    writes = [repository.transition_attempt(tx, attempt, after), repository.add_events(tx, after, events)]
    writes += _postings(tx, after, outcome)
    _publish(tx, after, outcome)
    captured = after.captured if target is AttemptStatus.CAPTURED else None
    return Settled(after, captured, writes, [EventAmount(after.id, kind, amount.minor) for kind, amount in events])


async def find_attempt(tx: Transaction, attempt_id: UUID) -> Attempt | None:
    """Return an attempt, or None."""
    return await repository.find_attempt(tx, attempt_id)


async def attempt(tx: Transaction, attempt_id: UUID) -> Attempt:
    """Return an attempt.

    Raises:
        PaymentUnknown: there is no attempt with this id.
    """
    found = await repository.find_attempt(tx, attempt_id)
    if found is None:
        raise PaymentUnknown
    return found


async def attempts_of(tx: Transaction, order_id: UUID) -> list[Attempt]:
    """Return every attempt to pay an order, oldest first."""
    return await repository.attempts_of(tx, [order_id])


async def live_attempt(tx: Transaction, order_id: UUID) -> Attempt | None:
    """Return the attempt of an order that is captured or may still be, or None."""
    return await repository.live_attempt(tx, order_id)


async def summary(tx: Transaction, order_id: UUID) -> PaymentSummary:
    """Recompute the summary of an order's payments from their events."""
    return summary_of(await repository.events_of_orders(tx, [order_id]))


async def due_attempts(connection: Any, older_than_seconds: float, *, limit: int = 100) -> list[DueAttempt]:
    """Return unfinished attempts of every tenant, longest overdue first; for the system's role."""
    return await repository.due_attempts(connection, older_than_seconds, limit=limit)


def look_up_later(tx: Transaction, attempt: Attempt) -> Write:
    """Return the write that schedules the next look-up, with a delay that doubles, so that none delays others."""
    return repository.retry_attempt_later(tx, attempt)


def _apply_outcome(attempt: Attempt, target: AttemptStatus, outcome: Outcome) -> Attempt:
    captured = target is AttemptStatus.CAPTURED
    undecided = target is AttemptStatus.UNKNOWN
    return replace(
        attempt,
        status=target,
        captured=attempt.amount if captured else attempt.captured,
        token=attempt.token if undecided else None,
        reference=outcome.reference or attempt.reference,
        reason=reason_of(attempt, target, outcome),
        next_action=outcome.next_action,
        version=attempt.version + 1,
    )


def _postings(tx: Transaction, after: Attempt, outcome: Outcome) -> list[Write]:
    match after.status:
        case AttemptStatus.CAPTURED:
            return ledger.post(tx, capture_transfer(after))
        case AttemptStatus.QUARANTINED if outcome.amount is not None:
            return ledger.post(tx, suspense_transfer(after, outcome.amount))
        case _:
            return []


def _publish(tx: Transaction, after: Attempt, outcome: Outcome) -> None:
    common: dict[str, Any] = {
        "aggregate_id": after.id,
        "aggregate_version": after.version,
        "attempt_id": after.id,
        "order_id": after.order_id,
        "gateway": after.gateway,
    }
    if after.status is AttemptStatus.DECLINED:
        tx.publish(PaymentDeclined(**common, reason=after.reason))
    elif after.status in {AttemptStatus.CAPTURED, AttemptStatus.QUARANTINED} and outcome.amount is not None:
        money: dict[str, Any] = {"amount_minor": outcome.amount.minor, "currency": outcome.amount.currency}
        event = PaymentCaptured if after.status is AttemptStatus.CAPTURED else PaymentQuarantined
        tx.publish(event(**common, **money))
        tx.audit(f"payments.{after.status}", target=after.id, after={"order_id": after.order_id, **money})
