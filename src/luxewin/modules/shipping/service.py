"""The use cases of shipping; none of them commits."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write
from luxewin.modules.shipping import repository
from luxewin.modules.shipping.domain import (
    STANDARD,
    Quote,
    ShippableLine,
    ShippingMethod,
    compute_quote,
    standard_rate,
)
from luxewin.modules.shipping.errors import CurrencyNotServed, MethodNotFound


async def quote(
    tx: Transaction, *, method: str | None, country: str, goods: Sequence[ShippableLine], currency: str
) -> Quote:
    """Return the method and price of shipping goods to a country; without a `method`, the cheapest that serves it.

    Raises:
        ShippingMethodUnknown: no such method is offered.
        DestinationNotServed: no method, or not the requested one, serves the country.
    """
    methods = await repository.list_offered(tx, currency=currency)
    return compute_quote(methods, method=method, country=country, goods=goods, currency=currency)


async def offered_methods(tx: Transaction, *, currency: str) -> list[ShippingMethod]:
    """Return the methods on offer in this currency, for `known_quote`."""
    return await repository.list_offered(tx, currency=currency)


def create_default(tx: Transaction, currency: str) -> Write:
    """Return the write that adds the flat rate of a new tenant."""
    method = ShippingMethod(
        id=new_id(),
        code=STANDARD,
        name="Standard shipping",
        amount=standard_rate(currency),
        countries=None,
        active=True,
        version=1,
    )
    return repository.add(tx, method)


async def list_methods(
    tx: Transaction, *, country: str | None, with_inactive: bool, after: tuple[int, str] | None, limit: int
) -> list[ShippingMethod]:
    """Return methods, the cheapest first, from after a position in that order."""
    return await repository.page(tx, country=country, with_inactive=with_inactive, after=after, limit=limit)


async def find_method(tx: Transaction, method_id: UUID) -> ShippingMethod:
    """Return a method.

    Raises:
        MethodNotFound: there is none.
    """
    method = await repository.find(tx, method_id)
    if method is None:
        raise MethodNotFound
    return method


def add_method(tx: Transaction, method: ShippingMethod, *, shop_currency: str) -> None:
    """Add a method.

    Raises:
        CurrencyNotServed: its price is in another currency than the shop's.
        MethodExists: (at the flush) another method has the code.
    """
    _must_be_payable(method, shop_currency)
    tx.write(repository.add(tx, method))
    tx.audit("shipping.method_added", target=method.id, after=_audit_values(method))


def change_method(
    tx: Transaction, before: ShippingMethod, after: ShippingMethod, *, shop_currency: str
) -> ShippingMethod:
    """Change a method, and return it as stored.

    Raises:
        CurrencyNotServed: its price is in another currency than the shop's.
        MethodChanged: another request changed it first; a retry reads that change.
    """
    _must_be_payable(after, shop_currency)
    tx.write(repository.change(tx, after))
    tx.audit("shipping.method_changed", target=before.id, before=_audit_values(before), after=_audit_values(after))
    return replace(after, version=after.version + 1)


def remove_method(tx: Transaction, method: ShippingMethod) -> None:
    """Remove a method permanently."""
    tx.write(repository.remove(tx, method))
    tx.audit("shipping.method_removed", target=method.id, before=_audit_values(method))


def _must_be_payable(method: ShippingMethod, shop_currency: str) -> None:
    if method.amount.currency != shop_currency:
        raise CurrencyNotServed(pointer="/amount/currency")


def _audit_values(method: ShippingMethod) -> dict[str, Any]:
    return asdict(method)
