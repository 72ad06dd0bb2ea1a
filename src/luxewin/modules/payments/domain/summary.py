"""The summary of an order's payments, recomputed from the append-only list of payment events."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol
from uuid import UUID


class EventType(StrEnum):
    """The type of a payment event."""

    REQUIRES_ACTION = "requires_action"
    UNKNOWN = "unknown"
    AUTHORISED = "authorised"
    CAPTURED = "captured"
    DECLINED = "declined"
    VOIDED = "voided"
    EXPIRED = "expired"
    QUARANTINED = "quarantined"
    REFUNDED = "refunded"
    DISPUTED = "disputed"


class PaymentStatus(StrEnum):
    """The payment status of an order."""

    UNPAID = "unpaid"
    UNKNOWN = "unknown"
    AUTHORISED = "authorised"
    PAID = "paid"
    PART_REFUNDED = "part_refunded"
    REFUNDED = "refunded"
    DISPUTED = "disputed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentEvent:
    """A change of a payment; events are never updated or deleted."""

    id: UUID
    attempt_id: UUID
    type: EventType
    amount_minor: int
    currency: str
    reference: str | None
    occurred_at: datetime


class CountedEvent(Protocol):
    """The part of an event that a summary is computed from."""

    @property
    def attempt_id(self) -> UUID:
        """The payment of the event."""

    @property
    def type(self) -> EventType:
        """The type of the event."""

    @property
    def amount_minor(self) -> int:
        """The amount, in minor units."""


class EventAmount(NamedTuple):
    """The part of an event that a summary is computed from, before the event is stored."""

    attempt_id: UUID
    type: EventType
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentSummary:
    """Totals of an order's payments in minor units of the order's currency, and the resulting status."""

    authorised_minor: int
    captured_minor: int
    refunded_minor: int
    disputed_minor: int
    status: PaymentStatus


def summary_of(events: Iterable[CountedEvent]) -> PaymentSummary:
    """Recompute an order's summary; the order of the events does not matter.

    An attempt that was voided or has expired is no longer authorised. An unknown outcome counts until the attempt has
    another event.
    """
    all_events = list(events)
    sums: Counter[EventType] = Counter()
    for event in all_events:
        sums[event.type] += event.amount_minor
    captured, refunded, disputed = sums[EventType.CAPTURED], sums[EventType.REFUNDED], sums[EventType.DISPUTED]
    authorised = sums[EventType.AUTHORISED] - _released_minor(all_events)
    return PaymentSummary(
        authorised_minor=authorised,
        captured_minor=captured,
        refunded_minor=refunded,
        disputed_minor=disputed,
        status=_status(authorised, captured, refunded, disputed, unknown=_is_unknown(all_events)),
    )


def _status(authorised: int, captured: int, refunded: int, disputed: int, *, unknown: bool) -> PaymentStatus:
    if disputed:
        return PaymentStatus.DISPUTED
    if captured:
        if refunded >= captured:
            return PaymentStatus.REFUNDED
        return PaymentStatus.PART_REFUNDED if refunded else PaymentStatus.PAID
    if authorised:
        return PaymentStatus.AUTHORISED
    return PaymentStatus.UNKNOWN if unknown else PaymentStatus.UNPAID


def _released_minor(events: list[CountedEvent]) -> int:
    released = {e.attempt_id for e in events if e.type in {EventType.VOIDED, EventType.EXPIRED}}
    return sum(e.amount_minor for e in events if e.type is EventType.AUTHORISED and e.attempt_id in released)


def _is_unknown(events: list[CountedEvent]) -> bool:
    unknown = {event.attempt_id for event in events if event.type is EventType.UNKNOWN}
    decided = {event.attempt_id for event in events if event.type is not EventType.UNKNOWN}
    return bool(unknown - decided)
