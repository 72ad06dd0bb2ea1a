"""Admission decisions, from numbers and a clock that only tests advance."""

import pytest

from luxewin.kit.http.admission_queue import (
    CONGESTED_AFTER_SECONDS,
    HIGH_DELAY_SECONDS,
    LOW_DELAY_SECONDS,
    AdmissionQueue,
    ConcurrencyLimit,
)
from luxewin.kit.http.priorities import QUEUE_LIMITS, Priority

MANY = 100


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def queue_of(concurrency: int, clock: Clock, *, max_waiting: int = MANY) -> AdmissionQueue[str]:
    """Return a queue with a fixed concurrency limit."""
    return AdmissionQueue(
        ConcurrencyLimit(minimum=concurrency, maximum=concurrency), max_waiting=max_waiting, clock=clock
    )


def fill(queue: AdmissionQueue[str], priority: Priority = Priority.MONEY) -> int:
    """Admit requests until the limit is reached; return how many were admitted."""
    count = 0
    while queue.admit(priority):
        count += 1
    return count


def test_the_limit_grows_while_requests_wait_and_nothing_is_slow() -> None:
    limit = ConcurrencyLimit(minimum=4, maximum=100)
    before = limit.value
    limit.adjust(0, was_reached=True)
    assert limit.value > before
    for _ in range(MANY):
        limit.adjust(LOW_DELAY_SECONDS / 2, was_reached=True)
    assert limit.value == 100


@pytest.mark.parametrize(
    ("delay_seconds", "was_reached"), [(0, False), (LOW_DELAY_SECONDS, True), (HIGH_DELAY_SECONDS, True)]
)
def test_the_limit_stays_while_it_is_not_reached_or_the_delay_is_moderate(
    delay_seconds: float, *, was_reached: bool
) -> None:
    limit = ConcurrencyLimit(minimum=4, maximum=100)
    before = limit.value
    limit.adjust(delay_seconds, was_reached=was_reached)
    assert limit.value == before


@pytest.mark.parametrize("was_reached", [True, False])
def test_the_limit_shrinks_while_there_is_a_standing_delay_but_not_below_its_minimum(*, was_reached: bool) -> None:
    limit = ConcurrencyLimit(minimum=4, maximum=100)
    before = limit.value
    limit.adjust(HIGH_DELAY_SECONDS * 2, was_reached=was_reached)
    assert 4 <= limit.value < before
    for _ in range(MANY):
        limit.adjust(HIGH_DELAY_SECONDS * 2, was_reached=was_reached)
    assert limit.value == 4


def test_low_priorities_leave_capacity_to_higher_ones(clock: Clock) -> None:
    queue = queue_of(20, clock)
    admitted = [fill(queue, priority) for priority in reversed(Priority) if priority is not Priority.CREDENTIALS]
    assert admitted == [14, 2, 2, 1, 1]
    assert queue.active == 20


def test_a_burst_of_logins_uses_only_its_own_capacity(clock: Clock) -> None:
    queue = queue_of(40, clock)
    assert fill(queue, Priority.CREDENTIALS) == QUEUE_LIMITS[Priority.CREDENTIALS].max_active == 8
    while not queue.rejects(Priority.CREDENTIALS):
        queue.enqueue(Priority.CREDENTIALS, f"login {queue.waiting}")
    assert queue.waiting == QUEUE_LIMITS[Priority.CREDENTIALS].max_waiting == 16
    assert queue.admit(Priority.LISTS)


def test_the_queue_of_each_priority_is_bounded(clock: Clock) -> None:
    queue = queue_of(4, clock, max_waiting=2)
    fill(queue)
    for waiter in ("first", "second"):
        assert not queue.rejects(Priority.LISTS)
        queue.enqueue(Priority.LISTS, waiter)
    assert queue.rejects(Priority.LISTS)
    assert not queue.rejects(Priority.MONEY)


def test_the_highest_priority_starts_first_and_equal_ones_in_order(clock: Clock) -> None:
    queue = queue_of(4, clock)
    fill(queue)
    for priority, waiter in [
        (Priority.LISTS, "list"),
        (Priority.OWN, "cart"),
        (Priority.MONEY, "payment"),
        (Priority.MONEY, "later payment"),
    ]:
        queue.enqueue(priority, waiter)
    started = [waiter for _ in range(8) if queue.active for waiter in queue.finish(Priority.MONEY)]
    assert started == ["payment", "later payment", "cart", "list"]
    assert queue.waiting == 0


def test_a_new_request_does_not_overtake_waiters_of_its_priority(clock: Clock) -> None:
    queue = queue_of(4, clock)
    fill(queue)
    queue.enqueue(Priority.LISTS, "early")
    queue.finish(Priority.MONEY)  # the slot is reserved for higher priorities
    assert not queue.admit(Priority.LISTS)
    assert queue.admit(Priority.MONEY)


def test_a_request_that_would_wait_too_long_is_rejected_at_once(clock: Clock) -> None:
    queue = queue_of(4, clock)
    fill(queue)
    queue.enqueue(Priority.OWN, "first")
    for number in range(round(CONGESTED_AFTER_SECONDS / 0.05) + 1):  # one starts every 50 ms
        queue.enqueue(Priority.OWN, f"next {number}")
        clock.now += 0.05
        queue.finish(Priority.MONEY)
        fill(queue)
    accepted = 0
    while not queue.rejects(Priority.OWN):
        queue.enqueue(Priority.OWN, f"more {accepted}")
        accepted += 1
    max_wait = QUEUE_LIMITS[Priority.OWN].congested_seconds
    assert 0 < accepted <= max_wait / 0.05
    assert not queue.rejects(Priority.MONEY)


def test_a_burst_is_not_rejected_because_its_first_requests_are_slow(clock: Clock) -> None:
    waves, max_wait = 4, QUEUE_LIMITS[Priority.OWN].burst_seconds
    queue = queue_of(16, clock)
    active = fill(queue)
    for number in range(waves * active):
        queue.enqueue(Priority.OWN, f"of the crowd {number}")
    clock.now += max_wait / (waves + 2)
    for _ in range(active):
        queue.finish(Priority.MONEY)
        assert not queue.rejects(Priority.OWN)
    clock.now += max_wait / (waves + 2)
    for _ in range(active):
        queue.finish(Priority.OWN)
        assert not queue.rejects(Priority.OWN), "a request that arrives now starts in time, one wave after the other"


def test_a_burst_may_wait_longer_than_requests_in_a_congested_queue(clock: Clock) -> None:
    queue = queue_of(4, clock)
    fill(queue)
    limits = QUEUE_LIMITS[Priority.LISTS]
    assert queue.enqueue(Priority.LISTS, "of a burst") == limits.burst_seconds
    clock.now += CONGESTED_AFTER_SECONDS * 0.9
    assert queue.enqueue(Priority.LISTS, "of the same burst") == limits.burst_seconds
    clock.now += CONGESTED_AFTER_SECONDS * 0.2
    assert not queue.rejects(Priority.LISTS), "the clock may have moved while the process was held up"
    for _ in range(2):
        queue.adjust(0)
    assert queue.rejects(Priority.LISTS), "no request has started for longer than one may wait in a congested queue"
    assert queue.enqueue(Priority.LISTS, "too late") == limits.congested_seconds


def test_nothing_of_a_congestion_remains_after_it(clock: Clock) -> None:
    queue = queue_of(4, clock)
    active = fill(queue)
    queue.enqueue(Priority.LISTS, "gone")
    clock.now += 60
    for _ in range(10):
        queue.adjust(0)
    queue.remove(Priority.LISTS, "gone")
    assert queue.rejects(Priority.LISTS), "the queue is still congested"
    for _ in range(active):
        queue.finish(Priority.MONEY)
    assert queue.admit(Priority.LISTS)
    fill(queue)
    assert not queue.rejects(Priority.LISTS)
    assert queue.enqueue(Priority.LISTS, "of a new burst") == QUEUE_LIMITS[Priority.LISTS].burst_seconds


def test_waiters_start_when_the_limit_grows(clock: Clock) -> None:
    queue: AdmissionQueue[str] = AdmissionQueue(ConcurrencyLimit(minimum=4, maximum=100), max_waiting=MANY, clock=clock)
    fill(queue)
    queue.enqueue(Priority.MONEY, "waits for the outside")
    assert queue.adjust(0) == ["waits for the outside"]
    assert queue.waiting == 0


def test_a_removed_waiter_does_not_start(clock: Clock) -> None:
    queue = queue_of(4, clock)
    fill(queue)
    queue.enqueue(Priority.OWN, "gone")
    queue.enqueue(Priority.OWN, "stays")
    queue.remove(Priority.OWN, "gone")
    assert [waiter for _ in range(4) for waiter in queue.finish(Priority.MONEY)] == ["stays"]
