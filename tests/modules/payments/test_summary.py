"""The summary of an order's payments is recomputed from its events, read in any order."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luxewin.modules.payments.domain.summary import EventType, PaymentEvent, PaymentStatus, summary_of

FIRST, SECOND = uuid4(), uuid4()


def event(kind: str, minor: int = 0, attempt: UUID = FIRST) -> PaymentEvent:
    return PaymentEvent(
        id=uuid4(),
        attempt_id=attempt,
        type=EventType(kind),
        amount_minor=minor,
        currency="USD",
        reference=None,
        occurred_at=datetime(2026, 11, 20, tzinfo=UTC),
    )


PAID = (event("authorised", 100), event("captured", 100))


@pytest.mark.parametrize(
    ("events", "status", "sums"),
    [
        ((), "unpaid", (0, 0, 0, 0)),
        ((event("declined"),), "unpaid", (0, 0, 0, 0)),
        ((event("requires_action"),), "unpaid", (0, 0, 0, 0)),
        ((event("unknown"),), "unknown", (0, 0, 0, 0)),
        ((event("unknown"), event("declined")), "unpaid", (0, 0, 0, 0)),
        ((event("declined"), event("unknown", attempt=SECOND)), "unknown", (0, 0, 0, 0)),
        ((event("unknown"), *PAID), "paid", (100, 100, 0, 0)),
        ((event("authorised", 100),), "authorised", (100, 0, 0, 0)),
        ((event("authorised", 100), event("voided")), "unpaid", (0, 0, 0, 0)),
        ((event("authorised", 100), event("expired"), event("authorised", 100, SECOND)), "authorised", (100, 0, 0, 0)),
        (PAID, "paid", (100, 100, 0, 0)),
        ((event("quarantined", 101),), "unpaid", (0, 0, 0, 0)),
        ((*PAID, event("refunded", 40)), "part_refunded", (100, 100, 40, 0)),
        ((*PAID, event("refunded", 40), event("refunded", 60)), "refunded", (100, 100, 100, 0)),
        ((*PAID, event("disputed", 100)), "disputed", (100, 100, 0, 100)),
    ],
)
def test_events_add_up(events: tuple[PaymentEvent, ...], status: str, sums: tuple[int, int, int, int]) -> None:
    summary = summary_of(events)
    assert summary.status is PaymentStatus(status)
    assert (
        summary.authorised_minor,
        summary.captured_minor,
        summary.refunded_minor,
        summary.disputed_minor,
    ) == sums


@given(st.permutations([event("unknown"), *PAID, event("refunded", 30), event("declined", attempt=SECOND)]))
def test_the_order_of_events_does_not_matter(events: list[PaymentEvent]) -> None:
    assert summary_of(events).status is PaymentStatus.PART_REFUNDED
