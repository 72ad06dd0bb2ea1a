"""Choosing a shipping method, and its price."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from luxewin.kit.money import EXPONENTS, Money
from luxewin.modules.shipping.errors import DestinationNotServed, ShippingMethodUnknown

NOTHING_TO_SHIP = "none"
"""The method of an order with nothing to ship; no tenant's method may have this code."""

STANDARD = "standard"


@dataclass(frozen=True, slots=True)
class ShippableLine:
    """The properties of an order's line for shipping."""

    requires_shipping: bool
    quantity: int
    weight_grams: int | None


@dataclass(frozen=True, slots=True)
class Quote:
    """The shipping method and price for an order."""

    method: str
    name: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippingMethod:
    """A flat rate to some countries (ISO 3166-1 alpha-2), or to all countries if `countries` is None."""

    id: UUID
    code: str
    name: str
    amount: Money
    countries: tuple[str, ...] | None
    active: bool
    version: int

    def serves(self, country: str) -> bool:
        """Return whether the method serves this country."""
        return self.countries is None or country in self.countries


def compute_quote(
    methods: Sequence[ShippingMethod],
    *,
    method: str | None,
    country: str,
    goods: Sequence[ShippableLine],
    currency: str,
) -> Quote:
    """Return the quote of the named method, or of the cheapest that serves the country; free if nothing is shipped.

    Raises:
        ShippingMethodUnknown: no such method is offered in this currency.
        DestinationNotServed: no method, or not the named method, serves the country.
    """
    if not needs_shipping(goods):
        return _nothing_to_ship(currency)
    serving = [offer for offer in _candidates(methods, method, currency) if offer.serves(country)]
    if not serving:
        raise DestinationNotServed(pointer="/shipping_address/country")
    return _quote(serving[0])


def known_quote(
    methods: Sequence[ShippingMethod],
    *,
    method: str | None,
    country: str | None,
    goods: Sequence[ShippableLine],
    currency: str,
) -> Quote | None:
    """Return the quote with what is known so far: without a country, that of the named or only method, or None.

    It is the quote of every order with this method: a flat rate does not depend on the country.

    Raises:
        ShippingMethodUnknown, DestinationNotServed: as `compute_quote` raises them.
    """
    if country is not None or not needs_shipping(goods):
        return compute_quote(methods, method=method, country=country or "", goods=goods, currency=currency)
    candidates = _candidates(methods, method, currency)
    return _quote(candidates[0]) if len(candidates) == 1 else None


def options(
    methods: Sequence[ShippingMethod], *, country: str | None, goods: Sequence[ShippableLine], currency: str
) -> list[ShippingMethod]:
    """Return the methods that can ship the goods, the cheapest first; none if nothing is shipped."""
    if not needs_shipping(goods):
        return []
    return [offer for offer in _candidates(methods, None, currency) if country is None or offer.serves(country)]


def needs_shipping(goods: Sequence[ShippableLine]) -> bool:
    """Return whether anything among the goods is shipped."""
    return any(line.requires_shipping for line in goods)


def _candidates(methods: Sequence[ShippingMethod], method: str | None, currency: str) -> list[ShippingMethod]:
    """Return the methods on offer, the cheapest first; only the named one if one is named."""
    offered = [offer for offer in methods if offer.active and offer.amount.currency == currency]
    if method is not None:
        offered = [offer for offer in offered if offer.code == method]
        if not offered:
            raise ShippingMethodUnknown(pointer="/shipping_method")
    return sorted(offered, key=lambda offer: (offer.amount.minor, offer.code))


def _quote(chosen: ShippingMethod) -> Quote:
    return Quote(chosen.code, chosen.name, chosen.amount)


def _nothing_to_ship(currency: str) -> Quote:
    return Quote(NOTHING_TO_SHIP, "No shipping needed", Money.zero(currency))


def standard_rate(currency: str) -> Money:
    """Return the flat rate of a new tenant: 9.90, or 990 if the currency has no decimals."""
    exponent = EXPONENTS[currency] or 2
    return Money(99 * 10**exponent // 10, currency)
