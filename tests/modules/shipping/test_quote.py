"""The price of shipping an order."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luxewin.kit.money import EXPONENTS, Money
from luxewin.modules.shipping.domain import Quote, ShippableLine, ShippingMethod, compute_quote, standard_rate
from luxewin.modules.shipping.errors import DestinationNotServed, ShippingMethodUnknown

CHAIR = ShippableLine(requires_shipping=True, quantity=1, weight_grams=12_000)
SONG = ShippableLine(requires_shipping=False, quantity=1, weight_grams=None)


def method(code: str, minor: int, *countries: str, currency: str = "USD", active: bool = True) -> ShippingMethod:
    return ShippingMethod(
        id=UUID(int=1),
        code=code,
        name=code.title(),
        amount=Money(minor, currency),
        countries=countries or None,
        active=active,
        version=1,
    )


def quote(
    *methods: ShippingMethod, named: str | None = None, country: str = "US", goods: Sequence[ShippableLine] = (CHAIR,)
) -> Quote:
    return compute_quote(methods, method=named, country=country, goods=goods, currency="USD")


def test_without_a_choice_the_cheapest_that_serves_the_country_is_taken() -> None:
    methods = (method("express", 2_500), method("local", 100, "DE", "FR"), method("standard", 990))
    assert quote(*methods).method == "standard"
    assert quote(*methods, country="FR").method == "local"


def test_a_chosen_method_is_used_even_if_another_is_cheaper() -> None:
    chosen = quote(method("express", 2_500), method("standard", 990), named="express")
    assert chosen == Quote("express", "Express", Money(2_500, "USD"))


def test_goods_without_shipping_cost_no_shipping() -> None:
    assert quote(goods=(SONG,), named="whatever").amount == Money.zero("USD")
    assert quote(method("standard", 990), goods=(SONG, CHAIR)).amount == Money(990, "USD")


@pytest.mark.parametrize(
    "offer", [method("standard", 990), method("express", 1, active=False), method("express", 1, currency="EUR")]
)
def test_a_method_that_is_not_offered_cannot_be_chosen(offer: ShippingMethod) -> None:
    with pytest.raises(ShippingMethodUnknown):
        quote(offer, named="express")


@pytest.mark.parametrize("named", [None, "local"])
def test_an_order_to_a_country_without_a_method_is_refused(named: str | None) -> None:
    with pytest.raises(DestinationNotServed):
        quote(method("local", 100, "DE"), named=named, country="US")


@given(st.permutations([method("b", 990), method("a", 990), method("c", 991)]))
def test_among_equally_cheap_methods_the_choice_does_not_depend_on_their_order(methods: list[ShippingMethod]) -> None:
    assert quote(*methods).method == "a"


@pytest.mark.parametrize(("currency", "minor"), [("USD", 990), ("JPY", 990), ("KWD", 9_900), ("CLF", 99_000)])
def test_the_standard_rate_is_nine_ninety_or_hundreds_without_decimals(currency: str, minor: int) -> None:
    assert standard_rate(currency) == Money(minor, currency)


def test_every_currency_has_a_standard_rate() -> None:
    assert all(standard_rate(currency).minor > 0 for currency in EXPONENTS)
