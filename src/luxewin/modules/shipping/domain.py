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
    if not any(line.requires_shipping for line in goods):
        return Quote(NOTHING_TO_SHIP, "No shipping needed", Money.zero(currency))
    offered = [offer for offer in methods if offer.active and offer.amount.currency == currency]
    if method is not None:
        offered = [offer for offer in offered if offer.code == method]
        if not offered:
            raise ShippingMethodUnknown(pointer="/shipping_method")
    serving = [offer for offer in offered if offer.serves(country)]
    if not serving:
        raise DestinationNotServed(pointer="/shipping_address/country")
    chosen = min(serving, key=lambda offer: (offer.amount.minor, offer.code))
    return Quote(chosen.code, chosen.name, chosen.amount)


def standard_rate(currency: str) -> Money:
    """Return the flat rate of a new tenant: 9.90, or 990 if the currency has no decimals."""
    exponent = EXPONENTS[currency] or 2
    return Money(99 * 10**exponent // 10, currency)
