"""What a cart would cost as an order: totals, problems, and the tag that changes with them."""

import hashlib
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Self
from uuid import UUID

from luxewin.kit.money import AmountTooLargeError, Money, total


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The sums of a cart; None stands for an amount that is not known yet, or is too large for an order."""

    subtotal: Money | None
    discount: Money
    shipping: Money | None
    tax: Money
    total: Money | None

    @classmethod
    def of(cls, *, subtotal: Money | None, discount: Money, shipping: Money | None, tax: Money) -> Self:
        """Return the totals with these parts; the total is known if all parts are."""
        sum_: Money | None = None
        if subtotal is not None and shipping is not None:
            sum_ = sum_of([subtotal, -discount, shipping, tax], currency=discount.currency)
        return cls(subtotal=subtotal, discount=discount, shipping=shipping, tax=tax, total=sum_)


@dataclass(frozen=True, slots=True)
class Problem:
    """A reason why the cart cannot be ordered as it is, with the code of the error; of one item, or of the cart."""

    code: str
    message: str
    item_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the order of a cart would charge with what the cart knows, and what would prevent it."""

    totals: Totals
    problems: Sequence[Problem] = ()
    shipping_method: str | None = None


def amount_of(unit_price: Money, quantity: int) -> Money | None:
    """Return the price of `quantity` units; None if it exceeds the largest amount of money."""
    try:
        return unit_price.times(quantity)
    except AmountTooLargeError:
        return None


def sum_of(amounts: Sequence[Money | None], *, currency: str) -> Money | None:
    """Add up amounts; None if one is too large, or if the sum exceeds the largest amount of money."""
    known = [amount for amount in amounts if amount is not None]
    try:
        return total(known, currency=currency) if len(known) == len(amounts) else None
    except AmountTooLargeError:
        return None


def entity_tag(version: int, unit_prices: Sequence[Money | None], totals: Totals) -> str:
    """Return the entity tag of a cart: its version, and a digest that changes with every price and total."""
    prices = [None if price is None else astuple(price) for price in unit_prices]
    digest = hashlib.sha256(repr((prices, astuple(totals))).encode()).hexdigest()
    return f"{version}-{digest[:16]}"
