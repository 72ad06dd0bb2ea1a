"""Request and response bodies of carts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from pydantic import ConfigDict, Field

from luxewin.kit.http.fields import Body, MoneyField, Quantity, View
from luxewin.kit.money import Money
from luxewin.modules.cart.domain import Basket, BasketItem, price_of, sum_of
from luxewin.modules.line_kinds.public import ITEM_EXAMPLES, ItemFields, Offer

_NOTHING: dict[str, Any] = {"amount": 0, "currency": "USD"}
_SUM: dict[str, Any] = {"amount": 131300, "currency": "USD"}
_TOTALS_EXAMPLE: dict[str, Any] = {
    "subtotal": _SUM,
    "discount": _NOTHING,
    "shipping": _NOTHING,
    "tax": _NOTHING,
    "total": _SUM,
}
_CART_EXAMPLE: dict[str, Any] = {
    "id": "0199a1b2-7c00-7000-8000-00000000000a",
    "items": [*ITEM_EXAMPLES],
    "coupons": [],
    "totals": _TOTALS_EXAMPLE,
    "currency": "USD",
    "version": 2,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CartDetails:
    """A cart with the current offers of its items; `basket` is None if the owner has no cart."""

    basket: Basket | None
    currency: str
    offers: Mapping[UUID, Offer]

    @classmethod
    def empty(cls, currency: str) -> Self:
        """Return the empty cart of an owner without a cart."""
        return cls(basket=None, currency=currency, offers={})

    def unit_price(self, item: BasketItem) -> Money | None:
        """Return the current price of a unit; None while it is not for sale."""
        return self.offers[item.offer_id].unit_price

    @property
    def version(self) -> int:
        """The cart's version; 0 if there is no cart yet."""
        return self.basket.version if self.basket else 0


class CartItemQuantity(Body):
    """The new quantity of an item."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"quantity": 3}]})

    quantity: Quantity


class CartItemView(ItemFields):
    """An item of the cart at its current price; the price is null if it is no longer for sale."""

    model_config = ConfigDict(json_schema_extra={"examples": [*ITEM_EXAMPLES]})

    quantity: int
    unit_price: MoneyField | None
    total: MoneyField | None

    @classmethod
    def of(cls, item: BasketItem, details: CartDetails) -> Self:
        """Return the response model of an item."""
        offer, price = details.offers[item.offer_id], details.unit_price(item)
        fields: dict[str, Any] = dict.fromkeys(ItemFields.model_fields)
        fields |= {
            **offer.fields(),
            "id": item.id,
            "kind": item.kind,
            "quantity": item.quantity,
            "unit_price": MoneyField.of(price) if price else None,
            "total": MoneyField.of(price_of(price, item.quantity)) if price else None,
        }
        return cls(**fields)


class CartTotalsView(View):
    """The totals of the cart before it is ordered; shipping and tax depend on the address."""

    model_config = ConfigDict(json_schema_extra={"examples": [_TOTALS_EXAMPLE]})

    subtotal: MoneyField
    discount: MoneyField
    shipping: MoneyField
    tax: MoneyField
    total: MoneyField

    @classmethod
    def of(cls, subtotal: Money) -> Self:
        """Return the totals of a cart with this subtotal."""
        sum_, nothing = MoneyField.of(subtotal), MoneyField.of(Money.zero(subtotal.currency))
        return cls(subtotal=sum_, discount=nothing, shipping=nothing, tax=nothing, total=sum_)


class CartView(View):
    """A cart; until it has an item, its `id` is null and its version 0."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CART_EXAMPLE]})

    id: UUID | None
    items: list[CartItemView]
    coupons: list[str] = Field(default_factory=list)
    totals: CartTotalsView
    currency: str
    version: int

    @classmethod
    def of(cls, details: CartDetails) -> Self:
        """Return the response model of a cart.

        Raises:
            CartTooLarge: the total exceeds the largest amount of money.
        """
        items = details.basket.items if details.basket else ()
        prices = [price_of(price, item.quantity) for item in items if (price := details.unit_price(item)) is not None]
        return cls(
            id=details.basket.cart_id if details.basket else None,
            items=[CartItemView.of(item, details) for item in items],
            totals=CartTotalsView.of(sum_of(prices, currency=details.currency)),
            currency=details.currency,
            version=details.version,
        )
