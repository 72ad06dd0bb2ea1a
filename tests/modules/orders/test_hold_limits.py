"""The rules of what an order may reserve before it is paid."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from luxewin.kit.ids import new_id
from luxewin.modules.orders.domain.holds import Held, HoldPolicy, address_bucket, expiry_of
from luxewin.modules.orders.errors import HoldTooLarge, PayAtOnce, TooManyUnpaidOrders
from luxewin.modules.orders.service.limit_holds import hold_limits

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
OFFER = new_id()
NOTHING = Held()


@dataclass(frozen=True)
class Line:
    """A line of an order."""

    quantity: int = 1
    left: int | None = 1_000
    sale: tuple[datetime, datetime] | None = None
    offer_id: UUID = OFFER
    name: str = "Chair"


def expires_in(
    *lines: Line, person: Held = NOTHING, address: Held = NOTHING, pays_now: bool = False, **settings: int
) -> timedelta:
    """Return how long an order may be paid."""
    limits = hold_limits({f"holds.{name}": value for name, value in settings.items()})
    policy = HoldPolicy(limits=limits, address_bucket=1, pays_now=pays_now)
    return expiry_of(policy, lines, person=person, address=address, now=NOW) - NOW


def sale(*, since: timedelta, closes_in: timedelta) -> tuple[datetime, datetime]:
    """Return when a sale began and closes."""
    return NOW - since, NOW + closes_in


def test_goods_are_held_for_half_an_hour_and_tickets_for_ten_minutes() -> None:
    tickets = Line(sale=sale(since=timedelta(days=1), closes_in=timedelta(days=1)))
    assert expires_in(Line()) == timedelta(minutes=30)
    assert expires_in(Line(), tickets) == timedelta(minutes=10)
    assert expires_in(Line(), minutes=45) == timedelta(minutes=45)


def test_unpaid_tickets_are_released_before_the_sale_closes() -> None:
    soon = Line(sale=sale(since=timedelta(days=1), closes_in=timedelta(minutes=15)))
    assert expires_in(soon) == timedelta(minutes=5)
    short = Line(sale=sale(since=timedelta(0), closes_in=timedelta(minutes=2)))
    assert expires_in(short) == timedelta(seconds=108)


def test_shortly_before_the_close_a_payment_has_two_minutes_at_most() -> None:
    closing = Line(sale=sale(since=timedelta(days=1), closes_in=timedelta(minutes=9)))
    last = Line(sale=sale(since=timedelta(days=1), closes_in=timedelta(seconds=50)))
    with pytest.raises(PayAtOnce):
        expires_in(closing)
    assert expires_in(closing, pays_now=True) == timedelta(minutes=2)
    assert expires_in(last, pays_now=True) == timedelta(seconds=50)


@pytest.mark.parametrize(
    ("quantity", "before", "is_held"), [(200, 0, True), (201, 0, False), (100, 125, True), (101, 125, False)]
)
def test_a_person_holds_a_fifth_of_what_is_left(quantity: int, before: int, *, is_held: bool) -> None:
    line = Line(quantity=quantity)
    person = Held(units={OFFER: before})
    if is_held:
        assert expires_in(line, person=person)
    else:
        with pytest.raises(HoldTooLarge) as refused:
            expires_in(line, person=person)
        assert refused.value.facts["limit"] == (1_000 + before) // 5


def test_a_few_units_and_untracked_goods_are_held_in_any_case() -> None:
    assert expires_in(Line(quantity=10, left=10))
    assert expires_in(Line(quantity=10_000, left=None))


def test_an_order_with_a_payment_may_take_everything_until_three_were_not_paid() -> None:
    everything = Line(quantity=1_000)
    assert expires_in(everything, pays_now=True) == timedelta(minutes=5)
    with pytest.raises(HoldTooLarge):
        expires_in(everything, pays_now=True, address=Held(unpaid_orders=3))


def test_open_and_unpaid_orders_are_limited_per_person_and_address() -> None:
    assert expires_in(Line(), person=Held(open_orders=9), address=Held(open_orders=49))
    assert expires_in(Line(), person=Held(open_orders=10), pays_now=True)
    for person, address in ((Held(open_orders=10), NOTHING), (NOTHING, Held(open_orders=50))):
        with pytest.raises(TooManyUnpaidOrders, match="pay or cancel"):
            expires_in(Line(), person=person, address=address)
    for person, address in ((Held(unpaid_orders=20), NOTHING), (NOTHING, Held(unpaid_orders=200))):
        with pytest.raises(TooManyUnpaidOrders, match="last hour"):
            expires_in(Line(), pays_now=True, person=person, address=address)


def test_a_setting_out_of_its_bounds_counts_as_missing() -> None:
    assert expires_in(Line(), minutes=0) == timedelta(minutes=30)
    assert expires_in(Line(), minutes=True) == timedelta(minutes=30)


def test_an_address_is_stored_as_24_bits() -> None:
    tenant = new_id()
    found = {address_bucket(tenant, f"10.0.0.{n}") for n in range(200)}
    assert len(found) == 200
    assert max(found) < 2**24
