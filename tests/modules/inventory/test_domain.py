"""The rules by which stock is divided, for all stock and all orders."""

from collections import Counter
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luxewin.modules.inventory.domain import (
    Reservation,
    Shelf,
    Shift,
    StockLine,
    allocated,
    merged,
    split_by_cover,
    split_by_delivery,
)
from luxewin.modules.inventory.errors import SoldOut

VARIANTS = [UUID(int=number) for number in range(1, 4)]
PLACES = [UUID(int=number) for number in range(101, 105)]
LINES = st.lists(st.builds(StockLine, st.sampled_from(VARIANTS), st.integers(1, 12)), min_size=1, max_size=6)
SHELVES = st.dictionaries(
    st.tuples(st.sampled_from(VARIANTS), st.sampled_from(PLACES)), st.integers(0, 20), max_size=12
).map(lambda stock: [Shelf(*place, available) for place, available in stock.items()])
RESERVATIONS = st.lists(
    st.builds(
        Reservation,
        st.uuids(),
        st.sampled_from(VARIANTS),
        st.sampled_from(PLACES[:1]),
        st.integers(1, 9),
        st.just("active"),
        st.just(UUID(int=9)),
        st.just(10),
    ),
    max_size=8,
)
TRACKED = dict.fromkeys(VARIANTS, True)


def wanted(lines: list[StockLine]) -> Counter[UUID]:
    pieces: Counter[UUID] = Counter()
    for line in lines:
        pieces[line.variant_id] += line.quantity
    return pieces


@given(LINES, SHELVES)
def test_an_order_gets_exactly_what_it_wants_and_no_shelf_gives_more_than_it_has(
    lines: list[StockLine], shelves: list[Shelf]
) -> None:
    stock = {(shelf.variant_id, shelf.location_id): shelf.available for shelf in shelves}
    there: Counter[UUID] = Counter()
    for shelf in shelves:
        there[shelf.variant_id] += shelf.available
    pieces = wanted(lines)
    if any(there[variant] < quantity for variant, quantity in pieces.items()):
        with pytest.raises(SoldOut) as refused:
            allocated(lines, tracked=TRACKED, shelves=shelves)
        variant = refused.value.facts["variant_id"]
        assert refused.value.facts["available"] == there[variant] < pieces[variant]
        return
    allocations = allocated(lines, tracked=TRACKED, shelves=shelves)
    places = [(allocation.variant_id, allocation.location_id) for allocation in allocations]
    assert places == sorted(set(places))
    assert all(0 < allocation.quantity <= stock[place] for allocation, place in zip(allocations, places, strict=True))
    assert wanted([StockLine(allocation.variant_id, allocation.quantity) for allocation in allocations]) == pieces


@given(LINES)
def test_what_is_not_tracked_is_taken_from_nowhere(lines: list[StockLine]) -> None:
    assert allocated(lines, tracked=dict.fromkeys(VARIANTS, False), shelves=[]) == []


@given(
    st.lists(
        st.builds(Shift, st.sampled_from(VARIANTS), st.sampled_from(PLACES), st.integers(-5, 5), st.integers(-5, 5))
    )
)
def test_changes_of_stock_are_merged_into_one_a_row_in_lock_order_and_nothing_is_lost(shifts: list[Shift]) -> None:
    together = merged(shifts)
    assert [shift.place for shift in together] == sorted({shift.place for shift in together})
    assert all(shift.on_hand or shift.reserved for shift in together)
    for place in {shift.place for shift in shifts}:
        assert sum(shift.on_hand for shift in shifts if shift.place == place) == sum(
            shift.on_hand for shift in together if shift.place == place
        )
        assert sum(shift.reserved for shift in shifts if shift.place == place) == sum(
            shift.reserved for shift in together if shift.place == place
        )


@given(RESERVATIONS)
def test_what_is_sold_off_the_shelf_lies_on_it_and_the_rest_is_owed(reservations: list[Reservation]) -> None:
    covered, owed = split_by_cover(reservations)
    assert Counter(map(id, covered + owed)) == Counter(map(id, reservations))
    for variant in VARIANTS:
        taken = sum(reservation.quantity for reservation in covered if reservation.variant_id == variant)
        assert taken <= 10
        assert all(taken + reservation.quantity > 10 for reservation in owed if reservation.variant_id == variant)


@given(LINES, RESERVATIONS)
def test_what_comes_back_was_either_never_delivered_or_lies_on_the_shelf_again(
    lines: list[StockLine], owed: list[Reservation]
) -> None:
    undelivered, returning = split_by_delivery(lines, owed)
    pieces = wanted(returning)
    for reservation in undelivered:
        pieces[reservation.variant_id] += reservation.quantity
    assert pieces == wanted(lines)
