"""Preparing the order of a cart: its addresses, its shipping method, and the methods to choose from."""

from collections.abc import Mapping, Sequence
from typing import Any

from luxewin.kit.transaction import Transaction
from luxewin.modules.cart import repository
from luxewin.modules.cart.domain import CartOwner, CheckoutDetails
from luxewin.modules.cart.schemas import CartDetails, ShippingChoices
from luxewin.modules.cart.service.details import (
    Confirm,
    details_of,
    locked_or_new_cart,
    offers_of,
    priced_lines,
)
from luxewin.modules.cart.service.pricing import PricedLine, shippable
from luxewin.modules.shipping import public as shipping
from luxewin.modules.shipping.public import ShippingMethod, ShippingMethodUnknown


async def change_details(
    tx: Transaction, owner: CartOwner, changes: Mapping[str, Any], *, currency: str, confirm: Confirm
) -> CartDetails:
    """Change some of a cart's details, by the names of the fields of `CheckoutDetails`; None removes one.

    Raises:
        CartTokenUnknown: the token belongs to no open cart.
        ShippingMethodUnknown, DestinationNotServed: the items cannot be shipped like that.
        CartChanged: another request of the same account has just created a cart; a retry finds it.
    """
    opened = await locked_or_new_cart(tx, owner, currency=currency)
    before = opened.basket
    confirm(str(before.version))
    after = before.with_details(**changes)
    offers = await offers_of(tx, after, after.items)
    if changes.keys() & {"shipping_address", "shipping_method"}:
        _must_be_shippable(priced_lines(after, offers), after.details, opened.methods, after.currency)
    tx.write(repository.add_cart(tx, after, owner) if opened.is_new else repository.put_details(tx, before, after))
    return await details_of(tx, after, opened.methods, known_offers=offers)


async def shipping_options(
    tx: Transaction, owner: CartOwner | None, *, country: str | None, currency: str
) -> ShippingChoices:
    """Return the methods that can ship the cart to a country, by default that of its address, the cheapest first."""
    basket, methods = await repository.basket(tx, owner) if owner else (None, [])
    if basket is None:
        return ShippingChoices((), None)
    offers = await offers_of(tx, basket, basket.items)
    details = await details_of(tx, basket, methods, known_offers=offers)
    address = basket.details.shipping_address
    to = country or (str(address["country"]) if address else None)
    goods = shippable(priced_lines(basket, offers))
    return ShippingChoices(
        shipping.options(methods, country=to, goods=goods, currency=currency), details.estimate.shipping_method
    )


def _must_be_shippable(
    lines: Sequence[PricedLine],
    details: CheckoutDetails,
    methods: Sequence[ShippingMethod],
    currency: str,
) -> None:
    """Raise an error if the lines cannot be shipped; the method must exist even while nothing is shipped."""
    method = details.shipping_method
    if method is not None and method not in {offered.code for offered in methods}:
        raise ShippingMethodUnknown(pointer="/shipping_method")
    shipping.known_quote(
        methods,
        method=method,
        country=str(details.shipping_address["country"]) if details.shipping_address else None,
        goods=shippable(lines),
        currency=currency,
    )
