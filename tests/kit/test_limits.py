"""Rate limits: exact within a minute, and never far beyond the limit in any sixty seconds."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luxewin.kit.http.limits import CREDENTIALS, PUBLISHED_LIMITS, READS, Limiter

MOST = PUBLISHED_LIMITS[CREDENTIALS]


@dataclass
class Clock:
    now: float = 6_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limiter(clock: Clock) -> Limiter:
    return Limiter(clock=clock)


def admitted(limiter: Limiter, caller: str = "somebody") -> bool:
    return limiter.count(CREDENTIALS, caller).refused_for_seconds is None


def test_the_published_number_is_admitted_and_the_remainder_announced(limiter: Limiter) -> None:
    states = [limiter.count(CREDENTIALS, "somebody").state for _ in range(MOST)]
    assert states == [f'"credentials";r={MOST - 1 - number};t=60' for number in range(MOST)]
    assert not admitted(limiter)


def test_callers_and_limits_are_counted_separately(limiter: Limiter) -> None:
    assert all(admitted(limiter) for _ in range(MOST))
    assert admitted(limiter, "somebody else")
    assert limiter.count(READS, "somebody").refused_for_seconds is None


def test_the_part_of_the_previous_minute_within_sixty_seconds_counts(limiter: Limiter, clock: Clock) -> None:
    assert all(admitted(limiter) for _ in range(MOST))
    clock.now += 60 + 15  # three quarters of that minute are left
    assert [admitted(limiter) for _ in range(MOST // 4 + 1)] == [True] * (MOST // 4) + [False]


def test_after_two_minutes_nothing_counts(limiter: Limiter, clock: Clock) -> None:
    assert all(admitted(limiter) for _ in range(MOST))
    clock.now += 120
    assert all(admitted(limiter) for _ in range(MOST))


def test_a_limit_is_scaled_to_at_least_one() -> None:
    assert Limiter(scale=1000).count(READS, "somebody").policy == '"reads";q=1200000;w=60'
    assert Limiter(scale=0.001).count(READS, "somebody").policy == '"reads";q=1;w=60'


@given(pauses=st.lists(st.integers(min_value=0, max_value=40), min_size=30, max_size=200))
def test_a_retry_is_admitted_at_the_announced_time_and_not_a_second_before(pauses: list[int]) -> None:
    clock = Clock()
    limiter = Limiter(clock=clock)
    for pause in pauses:
        clock.now += pause / 8
        seconds = limiter.count(CREDENTIALS, "somebody").refused_for_seconds
        if seconds is not None:
            clock.now += seconds - 1.01
            assert seconds == 1 or not admitted(limiter)
            clock.now += 1.01
            assert admitted(limiter)


@given(pauses=st.lists(st.floats(min_value=0, max_value=20), min_size=60, max_size=300))
def test_no_sixty_seconds_admit_twice_the_limit(pauses: list[float]) -> None:
    clock = Clock()
    limiter = Limiter(clock=clock)
    times = []
    for pause in pauses:
        clock.now += pause
        if admitted(limiter):
            times.append(clock.now)
    assert all(sum(start <= other < start + 60 for other in times) <= 2 * MOST for start in times)
