"""Money: no minor unit is lost or created."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luxewin.kit.money import LARGEST_AMOUNT_MINOR, AmountTooLargeError, CurrencyMismatchError, Money, total

minors = st.integers(-LARGEST_AMOUNT_MINOR, LARGEST_AMOUNT_MINOR)
weights = st.lists(st.integers(0, 10**9), min_size=1, max_size=20).filter(any)


@given(minors, weights)
def test_a_split_sums_to_the_whole_and_each_part_is_within_one_of_its_share(minor: int, shares: list[int]) -> None:
    parts = Money(minor, "USD").split(shares)
    assert sum(part.minor for part in parts) == minor
    for part, share in zip(parts, shares, strict=True):
        assert abs(part.minor * sum(shares) - minor * share) < sum(shares)


def test_the_largest_remainder_gets_the_cent_that_is_left() -> None:
    assert [part.minor for part in Money(100, "USD").split([1, 1, 1])] == [34, 33, 33]
    assert [part.minor for part in Money(-100, "USD").split([1, 2])] == [-33, -67]


@pytest.mark.parametrize("shares", [[], [0, 0], [1, -1]])
def test_weights_that_sum_to_zero_are_refused(shares: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        Money(1, "USD").split(shares)


def test_two_currencies_never_mix() -> None:
    with pytest.raises(CurrencyMismatchError):
        Money(1, "USD") + Money(1, "EUR")
    with pytest.raises(CurrencyMismatchError):
        assert Money(1, "USD") < Money(1, "JPY")


def test_an_amount_that_json_cannot_carry_exactly_is_refused() -> None:
    with pytest.raises(AmountTooLargeError):
        Money(LARGEST_AMOUNT_MINOR, "USD").times(2)


def test_sums_and_negatives() -> None:
    assert total([Money(1, "USD"), Money(2, "USD")], currency="USD") == Money(3, "USD")
    assert total([], currency="JPY") == Money.zero("JPY")
    assert -Money(5, "USD") <= Money(5, "USD") - Money(10, "USD")
