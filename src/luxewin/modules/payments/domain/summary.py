"""What happened to an order's payments, recomputed from the append-only list of payment events."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol
from uuid import UUID


class EventType(StrEnum):
    """What a payment event tells."""

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
    """How an order's payment stands as a whole."""

    UNPAID = "unpaid"
    UNKNOWN = "unknown"
    AUTHORISED = "authorised"
    PAID = "paid"
    PART_REFUNDED = "part_refunded"
    REFUNDED = "refunded"
    DISPUTED = "disputed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentEvent:
    """One thing that happened to a payment; never changed, never taken back."""

    id: UUID
    attempt_id: UUID
    type: EventType
    amount_minor: int
    currency: str
    reference: str | None
    occurred_at: datetime


class CountedEvent(Protocol):
    """What a summary needs to know of an event."""

    @property
    def attempt_id(self) -> UUID:
        """The payment that it is about."""

    @property
    def type(self) -> EventType:
        """What happened."""

    @property
    def amount_minor(self) -> int:
        """To how much."""


class EventAmount(NamedTuple):
    """An event as far as it counts, before it is stored."""

    attempt_id: UUID
    type: EventType
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentSummary:
    """Totals of an order's payments in minor units of the order's currency, and what they come to."""

    authorised_minor: int
    captured_minor: int
    refunded_minor: int
    disputed_minor: int
    status: PaymentStatus


def summary_of(events: Iterable[CountedEvent]) -> PaymentSummary:
    """Recompute an order's summary; the order of the events does not matter.

    An attempt whose amount was voided or expired is no longer authorised; one whose outcome was unknown is so until any
    other event tells of it.
    """
    told = list(events)
    sums: Counter[EventType] = Counter()
    for event in told:
        sums[event.type] += event.amount_minor
    captured, refunded, disputed = sums[EventType.CAPTURED], sums[EventType.REFUNDED], sums[EventType.DISPUTED]
    authorised = sums[EventType.AUTHORISED] - _released_minor(told)
    return PaymentSummary(
        authorised_minor=authorised,
        captured_minor=captured,
        refunded_minor=refunded,
        disputed_minor=disputed,
        status=_status(authorised, captured, refunded, disputed, unknown=_is_unknown(told)),
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
