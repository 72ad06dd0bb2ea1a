"""The rules of stock allocation, tested with generated stock and orders."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luxewin.modules.inventory.domain import (
    AvailableStock,
    Reservation,
    StockAdjustment,
    StockLine,
    choose_locations,
    merge_adjustments,
    split_by_coverage,
    split_by_delivery,
)
from luxewin.modules.inventory.errors import SoldOut

VARIANTS = [UUID(int=number) for number in range(1, 4)]
LOCATIONS = [UUID(int=number) for number in range(101, 105)]
LINES = st.lists(st.builds(StockLine, st.sampled_from(VARIANTS), st.integers(1, 12)), min_size=1, max_size=6)
LEVELS = st.dictionaries(
    st.tuples(st.sampled_from(VARIANTS), st.sampled_from(LOCATIONS)), st.integers(0, 20), max_size=12
).map(lambda stock: [AvailableStock(*place, available) for place, available in stock.items()])
RESERVATIONS = st.lists(
    st.builds(
        Reservation,
        st.uuids(),
        st.sampled_from(VARIANTS),
        st.sampled_from(LOCATIONS[:1]),
        st.integers(1, 9),
        st.just("active"),
        st.just(UUID(int=9)),
        st.just(10),
    ),
    max_size=8,
)
TRACKED = dict.fromkeys(VARIANTS, True)


def wanted(lines: Sequence[StockLine | Reservation]) -> Counter[UUID]:
    units: Counter[UUID] = Counter()
    for line in lines:
        units[line.variant_id] += line.quantity
    return units


@given(LINES, LEVELS)
def test_an_order_gets_exactly_its_quantities_and_no_location_exceeds_its_stock(
    lines: list[StockLine], levels: list[AvailableStock]
) -> None:
    stock = {(level.variant_id, level.location_id): level.available for level in levels}
    there: Counter[UUID] = Counter()
    for level in levels:
        there[level.variant_id] += level.available
    units = wanted(lines)
    if any(there[variant] < quantity for variant, quantity in units.items()):
        with pytest.raises(SoldOut) as refused:
            choose_locations(lines, tracked=TRACKED, levels=levels)
        variant = refused.value.facts["variant_id"]
        assert refused.value.facts["available"] == there[variant] < units[variant]
        return
    allocations = choose_locations(lines, tracked=TRACKED, levels=levels)
    places = [(allocation.variant_id, allocation.location_id) for allocation in allocations]
    assert places == sorted(set(places))
    assert all(0 < allocation.quantity <= stock[place] for allocation, place in zip(allocations, places, strict=True))
    assert wanted([StockLine(allocation.variant_id, allocation.quantity) for allocation in allocations]) == units


@given(LINES)
def test_an_untracked_variant_is_not_allocated(lines: list[StockLine]) -> None:
    assert choose_locations(lines, tracked=dict.fromkeys(VARIANTS, False), levels=[]) == []


@given(
    st.lists(
        st.builds(
            StockAdjustment,
            st.sampled_from(VARIANTS),
            st.sampled_from(LOCATIONS),
            st.integers(-5, 5),
            st.integers(-5, 5),
        )
    )
)
def test_adjustments_are_merged_into_one_a_row_in_lock_order_and_nothing_is_lost(
    adjustments: list[StockAdjustment],
) -> None:
    together = merge_adjustments(adjustments)
    assert [adjustment.key for adjustment in together] == sorted({adjustment.key for adjustment in together})
    assert all(adjustment.on_hand or adjustment.reserved for adjustment in together)
    for key in {adjustment.key for adjustment in adjustments}:
        assert sum(adjustment.on_hand for adjustment in adjustments if adjustment.key == key) == sum(
            adjustment.on_hand for adjustment in together if adjustment.key == key
        )
        assert sum(adjustment.reserved for adjustment in adjustments if adjustment.key == key) == sum(
            adjustment.reserved for adjustment in together if adjustment.key == key
        )


@given(RESERVATIONS)
def test_sold_units_are_covered_by_the_stock_on_hand_or_backordered(reservations: list[Reservation]) -> None:
    covered, owed = split_by_coverage(reservations)
    assert Counter(map(id, covered + owed)) == Counter(map(id, reservations))
    for variant in VARIANTS:
        taken = sum(reservation.quantity for reservation in covered if reservation.variant_id == variant)
        assert taken <= 10
        assert all(taken + reservation.quantity > 10 for reservation in owed if reservation.variant_id == variant)


@given(LINES, RESERVATIONS, RESERVATIONS)
def test_returned_units_were_never_delivered_or_were_taken_from_the_stock(
    lines: list[StockLine], owed: list[Reservation], delivered: list[Reservation]
) -> None:
    consumed = [replace(reservation, status="consumed") for reservation in delivered]
    returned = split_by_delivery(lines, [*consumed, *owed])
    sold = wanted(returned.sold)
    given_up = wanted(returned.ended)
    given_up.subtract(wanted(returned.kept))
    for variant_id, quantity in wanted(lines).items():
        undelivered, taken = wanted(owed)[variant_id], wanted(consumed)[variant_id]
        assert given_up[variant_id] == min(quantity, undelivered)
        assert sold[variant_id] == min(quantity - given_up[variant_id], taken)
    assert all(reservation.quantity > 0 for reservation in returned.kept)
    assert {reservation.id for reservation in returned.kept} <= {reservation.id for reservation in returned.ended}
