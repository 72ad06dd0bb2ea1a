"""Who works, who waits and who is sent away, from numbers and a clock that stands still unless it is moved."""

import pytest

from luxewin.kit.http.admission_queue import (
    SLOW_SECONDS,
    STANDING_AFTER_SECONDS,
    SWIFT_SECONDS,
    AdmissionQueue,
    ConcurrencyLimit,
)
from luxewin.kit.http.priorities import QUEUE_LIMITS, Priority, priority_of

MANY = 100
API = "/api/v1"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def room_of(at_work: int, clock: Clock, *, most_waiting: int = MANY) -> AdmissionQueue[str]:
    """A room whose limit stands at this number."""
    return AdmissionQueue(ConcurrencyLimit(least=at_work, most=at_work), most_waiting=most_waiting, clock=clock)


def fill(room: AdmissionQueue[str], priority: Priority = Priority.MONEY) -> int:
    """Admit until no place is free; return how many came in."""
    count = 0
    while room.admit(priority):
        count += 1
    return count


def test_a_limit_grows_while_somebody_waits_and_nothing_is_slow() -> None:
    limit = ConcurrencyLimit(least=4, most=100)
    before = limit.value
    limit.adjust(0, wanted=True)
    assert limit.value > before
    for _ in range(MANY):
        limit.adjust(SWIFT_SECONDS / 2, wanted=True)
    assert limit.value == 100


@pytest.mark.parametrize(("delay_seconds", "wanted"), [(0, False), (SWIFT_SECONDS, True), (SLOW_SECONDS, True)])
def test_a_limit_that_nobody_reaches_or_that_is_about_right_stays(delay_seconds: float, *, wanted: bool) -> None:
    limit = ConcurrencyLimit(least=4, most=100)
    before = limit.value
    limit.adjust(delay_seconds, wanted=wanted)
    assert limit.value == before


@pytest.mark.parametrize("wanted", [True, False])
def test_a_limit_shrinks_while_there_is_a_standing_delay_and_never_below_the_least(*, wanted: bool) -> None:
    limit = ConcurrencyLimit(least=4, most=100)
    before = limit.value
    limit.adjust(SLOW_SECONDS * 2, wanted=wanted)
    assert 4 <= limit.value < before
    for _ in range(MANY):
        limit.adjust(SLOW_SECONDS * 2, wanted=wanted)
    assert limit.value == 4


def test_the_less_worthy_leave_places_to_the_worthier(clock: Clock) -> None:
    room = room_of(20, clock)
    admitted = [fill(room, priority) for priority in reversed(Priority) if priority is not Priority.CREDENTIALS]
    assert admitted == [14, 2, 2, 1, 1]
    assert room.at_work == 20


def test_a_wave_of_logins_takes_its_own_places_only(clock: Clock) -> None:
    room = room_of(40, clock)
    assert fill(room, Priority.CREDENTIALS) == QUEUE_LIMITS[Priority.CREDENTIALS].most_at_work == 8
    while not room.refuses(Priority.CREDENTIALS):
        room.wait(Priority.CREDENTIALS, f"login {room.waiting}")
    assert room.waiting == QUEUE_LIMITS[Priority.CREDENTIALS].most_waiting == 16
    assert room.admit(Priority.LISTS)


def test_a_line_is_bounded_for_each_kind(clock: Clock) -> None:
    room = room_of(4, clock, most_waiting=2)
    fill(room)
    for place in ("first", "second"):
        assert not room.refuses(Priority.LISTS)
        room.wait(Priority.LISTS, place)
    assert room.refuses(Priority.LISTS)
    assert not room.refuses(Priority.MONEY)


def test_the_worthiest_is_called_first_and_among_equals_the_first(clock: Clock) -> None:
    room = room_of(4, clock)
    fill(room)
    for priority, place in [
        (Priority.LISTS, "list"),
        (Priority.OWN, "cart"),
        (Priority.MONEY, "payment"),
        (Priority.MONEY, "later payment"),
    ]:
        room.wait(priority, place)
    called = [place for _ in range(8) if room.at_work for place in room.leave(Priority.MONEY)]
    assert called == ["payment", "later payment", "cart", "list"]
    assert room.waiting == 0


def test_nobody_of_a_kind_overtakes_those_of_it_who_wait(clock: Clock) -> None:
    room = room_of(4, clock)
    fill(room)
    room.wait(Priority.LISTS, "early")
    room.leave(Priority.MONEY)  # the place that comes free is kept for the worthier
    assert not room.admit(Priority.LISTS)
    assert room.admit(Priority.MONEY)


def test_whoever_would_wait_longer_than_it_is_worth_is_refused_at_once(clock: Clock) -> None:
    room = room_of(4, clock)
    fill(room)
    room.wait(Priority.OWN, "first")
    for number in range(round(STANDING_AFTER_SECONDS / 0.05) + 1):  # one is called every 50 ms, and the line stands
        room.wait(Priority.OWN, f"next {number}")
        clock.now += 0.05
        room.leave(Priority.MONEY)
        fill(room)
    accepted = 0
    while not room.refuses(Priority.OWN):
        room.wait(Priority.OWN, f"more {accepted}")
        accepted += 1
    patience = QUEUE_LIMITS[Priority.OWN].standing_seconds
    assert 0 < accepted <= patience / 0.05
    assert not room.refuses(Priority.MONEY)


def test_those_who_come_together_are_not_refused_because_the_first_wave_takes_its_time(clock: Clock) -> None:
    waves, patience = 4, QUEUE_LIMITS[Priority.OWN].burst_seconds
    room = room_of(16, clock)
    at_work = fill(room)
    for number in range(waves * at_work):
        room.wait(Priority.OWN, f"of the crowd {number}")
    clock.now += patience / (waves + 2)
    for _ in range(at_work):
        room.leave(Priority.MONEY)
        assert not room.refuses(Priority.OWN)
    clock.now += patience / (waves + 2)
    for _ in range(at_work):
        room.leave(Priority.OWN)
        assert not room.refuses(Priority.OWN), "who joins now is called in time, one wave after the other"


def test_a_burst_may_wait_longer_than_those_who_join_a_line_that_stands(clock: Clock) -> None:
    room = room_of(4, clock)
    fill(room)
    limits = QUEUE_LIMITS[Priority.LISTS]
    assert room.wait(Priority.LISTS, "of a burst") == limits.burst_seconds
    clock.now += STANDING_AFTER_SECONDS * 0.9
    assert room.wait(Priority.LISTS, "of the same burst") == limits.burst_seconds
    clock.now += STANDING_AFTER_SECONDS * 0.2
    assert not room.refuses(Priority.LISTS), "the clock may have moved while the program was held up"
    for _ in range(2):
        room.adjust(0)
    assert room.refuses(Priority.LISTS), "nothing has moved for longer than a standing line is worth"
    assert room.wait(Priority.LISTS, "too late") == limits.standing_seconds


def test_after_a_jam_nothing_of_it_is_remembered(clock: Clock) -> None:
    room = room_of(4, clock)
    at_work = fill(room)
    room.wait(Priority.LISTS, "gone")
    clock.now += 60
    for _ in range(10):
        room.adjust(0)
    room.give_up(Priority.LISTS, "gone")
    assert room.refuses(Priority.LISTS), "the jam is still there"
    for _ in range(at_work):
        room.leave(Priority.MONEY)
    assert room.admit(Priority.LISTS)
    fill(room)
    assert not room.refuses(Priority.LISTS)
    assert room.wait(Priority.LISTS, "of a new burst") == QUEUE_LIMITS[Priority.LISTS].burst_seconds


def test_a_limit_that_grows_calls_those_who_wait(clock: Clock) -> None:
    room: AdmissionQueue[str] = AdmissionQueue(ConcurrencyLimit(least=4, most=100), most_waiting=MANY, clock=clock)
    fill(room)
    room.wait(Priority.MONEY, "waits for the outside")
    assert room.adjust(0) == ["waits for the outside"]
    assert room.waiting == 0


def test_whoever_gives_up_is_not_called(clock: Clock) -> None:
    room = room_of(4, clock)
    fill(room)
    room.wait(Priority.OWN, "gone")
    room.wait(Priority.OWN, "stays")
    room.give_up(Priority.OWN, "gone")
    assert [place for _ in range(4) for place in room.leave(Priority.MONEY)] == ["stays"]


@pytest.mark.parametrize(
    ("method", "path", "worth"),
    [
        ("POST", "/payments/webhooks/simulator/1", Priority.MONEY),
        ("POST", "/orders/1/payments", Priority.MONEY),
        ("POST", "/orders/1/payments/2/confirm", Priority.MONEY),
        ("POST", "/orders/1/refunds", Priority.MONEY),
        ("POST", "/orders", Priority.WRITES),
        ("POST", "/products", Priority.WRITES),
        ("GET", "/orders/1", Priority.OWN),
        ("GET", "/cart", Priority.OWN),
        ("POST", "/cart/items", Priority.OWN),
        ("GET", "/auth/me", Priority.OWN),
        ("POST", "/auth/logout", Priority.OWN),
        ("POST", "/auth/login", Priority.CREDENTIALS),
        ("POST", "/users", Priority.CREDENTIALS),
        ("GET", "/products/oslo-chair", Priority.DETAILS),
        ("GET", "/products", Priority.LISTS),
        ("HEAD", "/search", Priority.LISTS),
        ("GET", "/orders", Priority.LISTS),
        ("GET", "/exports/products.csv", Priority.LISTS),
        ("POST", "/imports", Priority.LISTS),
        ("GET", "/ledger/proof", Priority.LISTS),
    ],
)
def test_what_moves_money_is_worth_most_and_looking_around_least(method: str, path: str, priority: Priority) -> None:
    assert priority_of(method, API + path) is priority
