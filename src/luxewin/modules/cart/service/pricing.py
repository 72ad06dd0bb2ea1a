"""The price of lines with what is known about their order: the only calculation, for carts and for orders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from luxewin.kit.errors import DomainError
from luxewin.kit.money import AmountTooLargeError, Money, total
from luxewin.kit.transaction import Transaction
from luxewin.modules.cart.domain import CheckoutDetails, Estimate, Problem, Totals, amount_of, sum_of
from luxewin.modules.cart.errors import OrderTooLarge
from luxewin.modules.line_kinds.public import Dispatch
from luxewin.modules.shipping import public as shipping
from luxewin.modules.shipping.public import (
    DestinationNotServed,
    Quote,
    ShippableLine,
    ShippingMethod,
    ShippingMethodUnknown,
)
from luxewin.modules.tax import public as tax
from luxewin.modules.tax.public import TaxableLine


@dataclass(frozen=True, slots=True)
class PricedLine:
    """Units of an offer at a price; neither shipped nor taxed without a `dispatch`."""

    unit_price: Money
    quantity: int
    dispatch: Dispatch | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """The shipping of an order, None if it depends on what is not known yet, and the tax of each line."""

    shipping: Quote | None
    taxes: Sequence[Money] = field(default=())


async def price(
    tx: Transaction,
    lines: Sequence[PricedLine],
    details: CheckoutDetails,
    *,
    methods: Sequence[ShippingMethod],
    currency: str,
) -> Price:
    """Return the shipping and the taxes of lines.

    Raises:
        ShippingMethodUnknown, DestinationNotServed: the lines cannot be shipped like that.
        AmountTooLargeError: the price of a line exceeds the largest amount of money.
    """
    quote = shipping.known_quote(
        methods,
        method=details.shipping_method,
        country=_country(details.shipping_address),
        goods=shippable(lines),
        currency=currency,
    )
    country = _country(details.shipping_address) or _country(details.billing_address)
    return Price(shipping=quote, taxes=await _taxes(tx, lines, country, currency=currency))


async def estimate(
    tx: Transaction,
    lines: Sequence[PricedLine],
    details: CheckoutDetails,
    *,
    methods: Sequence[ShippingMethod],
    currency: str,
) -> Estimate:
    """Return what an order of these lines would charge; problems are listed, and never raised."""
    nothing = Money.zero(currency)
    subtotal = sum_of([amount_of(line.unit_price, line.quantity) for line in lines], currency=currency)
    totals = partial(Totals.of, subtotal=subtotal, discount=nothing)
    too_large = [_problem(OrderTooLarge())] if subtotal is None else []
    try:
        priced = await price(tx, lines, details, methods=methods, currency=currency)
    except (ShippingMethodUnknown, DestinationNotServed) as error:
        return Estimate(totals(shipping=None, tax=nothing), [*too_large, _problem(error)])
    except AmountTooLargeError:
        return Estimate(totals(shipping=None, tax=nothing), [_problem(OrderTooLarge())])
    if too_large:
        return Estimate(totals(shipping=None, tax=nothing), too_large)
    quote = priced.shipping
    try:
        known = totals(shipping=quote.amount if quote else None, tax=total(priced.taxes, currency=currency))
    except AmountTooLargeError:
        return Estimate(totals(shipping=None, tax=nothing), [_problem(OrderTooLarge())])
    is_too_large = quote is not None and known.total is None
    return Estimate(known, [_problem(OrderTooLarge())] if is_too_large else [], quote.method if quote else None)


def shippable(lines: Sequence[PricedLine]) -> list[ShippableLine]:
    """Return the lines with a dispatch as shipping sees them."""
    return [
        ShippableLine(line.dispatch.requires_shipping, line.quantity, line.dispatch.weight_grams)
        for line in lines
        if line.dispatch is not None
    ]


async def _taxes(
    tx: Transaction, lines: Sequence[PricedLine], country: str | None, *, currency: str
) -> tuple[Money, ...]:
    """Return the tax of each line; only lines with a dispatch are taxed, and only at a known destination."""
    taxed = [(line, line.dispatch) for line in lines if line.dispatch is not None]
    nothing = Money.zero(currency)
    if country is None or not taxed:
        return (nothing,) * len(lines)
    requested = [TaxableLine(line.unit_price.times(line.quantity), dispatch.taxable) for line, dispatch in taxed]
    quote = iter((await tax.quote(tx, requested, country, currency)).per_line)
    return tuple(nothing if line.dispatch is None else next(quote) for line in lines)


def _country(address: Mapping[str, Any] | None) -> str | None:
    return str(address["country"]) if address else None


def _problem(error: DomainError) -> Problem:
    return Problem(error.code, error.title)
