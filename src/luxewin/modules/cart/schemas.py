"""Request and response bodies of carts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import ConfigDict, Field

from luxewin.kit.http.examples import named_examples
from luxewin.kit.http.fields import (
    AddressField,
    AddressView,
    Body,
    Email,
    LongText,
    MoneyField,
    Quantity,
    ShortText,
    View,
)
from luxewin.kit.money import Money
from luxewin.modules.cart.domain import Basket, BasketItem, CheckoutDetails, Estimate, Totals, amount_of, entity_tag
from luxewin.modules.line_kinds.public import ITEM_EXAMPLES, ItemFields, Offer
from luxewin.modules.shipping.public import ShippingMethod

LONGEST_NOTE = 1_000
Note = Annotated[LongText, Field(max_length=LONGEST_NOTE)]
_NOTHING: dict[str, Any] = {"amount": 0, "currency": "USD"}
_SUM: dict[str, Any] = {"amount": 131300, "currency": "USD"}
_SHIPPING: dict[str, Any] = {"amount": 990, "currency": "USD"}
_TOTALS_EXAMPLE: dict[str, Any] = {
    "subtotal": _SUM,
    "discount": _NOTHING,
    "shipping": _SHIPPING,
    "tax": _NOTHING,
    "total": {"amount": 132290, "currency": "USD"},
}
_ADDRESS: dict[str, Any] = {
    "name": "Ada Byron",
    "line1": "12 St James's Square",
    "city": "London",
    "postal_code": "SW1Y 4JH",
    "country": "GB",
}
_CART_EXAMPLE: dict[str, Any] = {
    "id": "0199a1b2-7c00-7000-8000-00000000000a",
    "items": [*ITEM_EXAMPLES],
    "coupons": [],
    "totals": _TOTALS_EXAMPLE,
    "problems": [],
    "shipping_address": _ADDRESS,
    "billing_address": None,
    "shipping_method": None,
    "email": None,
    "note": None,
    "currency": "USD",
    "version": 2,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CartDetails:
    """A cart with the current offers of its items, and what its order would cost; without a cart, `basket` is None."""

    basket: Basket | None
    currency: str
    offers: Mapping[UUID, Offer]
    estimate: Estimate

    @classmethod
    def empty(cls, currency: str) -> Self:
        """Return the empty cart of an owner without a cart."""
        nothing = Money.zero(currency)
        totals = Totals.of(subtotal=nothing, discount=nothing, shipping=nothing, tax=nothing)
        return cls(basket=None, currency=currency, offers={}, estimate=Estimate(totals))

    def unit_price(self, item: BasketItem) -> Money | None:
        """Return the current price of a unit; None while it is not for sale."""
        return self.offers[item.offer_id].unit_price

    @property
    def items(self) -> Sequence[BasketItem]:
        """The items of the cart."""
        return self.basket.items if self.basket else ()

    @property
    def version(self) -> int:
        """The cart's version; 0 if there is no cart yet."""
        return self.basket.version if self.basket else 0

    @property
    def entity_tag(self) -> str:
        """The tag that changes with the cart, and with what its order would cost."""
        if self.basket is None:
            return "0"
        return entity_tag(self.version, [self.unit_price(item) for item in self.items], self.estimate.totals)


@dataclass(frozen=True, slots=True)
class ShippingChoices:
    """The methods that can ship a cart, the cheapest first, and the code of the one that its total includes."""

    methods: Sequence[ShippingMethod]
    selected: str | None


class CartChange(Body):
    """What the cart shall know about its order; a field that is missing stays as it is, null removes the value."""

    model_config = ConfigDict(
        json_schema_extra=named_examples(
            {
                "Set the shipping address": {"shipping_address": _ADDRESS},
                "Choose a shipping method as a guest": {
                    "shipping_method": "express",
                    "email": "guest@example.com",
                    "note": "Ring twice",
                },
                "Remove the chosen shipping method": {"shipping_method": None},
            }
        )
    )

    shipping_address: AddressField | None = None
    billing_address: AddressField | None = Field(default=None, description="Default: the shipping address")
    shipping_method: ShortText | None = Field(default=None, description="Default: the cheapest that serves the address")
    email: Email | None = Field(default=None, description="The address for a guest's receipt")
    note: Note | None = Field(default=None, description="A note of the buyer for the shop")

    def changes(self) -> dict[str, Any]:
        """Return the new values of the fields that the body has."""
        return {
            name: value.plain() if isinstance(value, AddressField) else value
            for name in self.model_fields_set
            for value in (getattr(self, name),)
        }


class CartItemQuantity(Body):
    """The new quantity of an item."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"quantity": 3}]})

    quantity: Quantity


class CartItemView(ItemFields):
    """An item of the cart at its current price; the price is null if it is no longer for sale, or too large."""

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
            "unit_price": _money(price),
            "total": _money(amount_of(price, item.quantity)) if price else None,
        }
        return cls(**fields)


class CartTotalsView(View):
    """What the order of the cart would charge; an amount is null while it is not known, or if it is too large.

    Shipping is known as soon as there is an address, a chosen method, or only one method.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_TOTALS_EXAMPLE]})

    subtotal: MoneyField | None
    discount: MoneyField
    shipping: MoneyField | None
    tax: MoneyField
    total: MoneyField | None

    @classmethod
    def of(cls, totals: Totals) -> Self:
        """Return the response model of totals."""
        return cls(
            subtotal=_money(totals.subtotal),
            discount=MoneyField.of(totals.discount),
            shipping=_money(totals.shipping),
            tax=MoneyField.of(totals.tax),
            total=_money(totals.total),
        )


class CartProblemView(View):
    """A reason why the cart cannot be ordered as it is."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "orders.item_unavailable",
                    "message": "This item is no longer for sale; remove it",
                    "item_id": "0199a1b2-7c00-7000-8000-00000000000b",
                }
            ]
        }
    )

    code: str = Field(description="The code of the error that the order would have")
    message: str
    item_id: UUID | None = Field(description="The item, if it is the reason")


class CartView(View):
    """A cart; until it has an item, its `id` is null and its version 0."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CART_EXAMPLE]})

    id: UUID | None
    items: list[CartItemView]
    coupons: list[str] = Field(default_factory=list)
    totals: CartTotalsView
    problems: list[CartProblemView] = Field(description="Why it cannot be ordered as it is; empty if it can")
    shipping_address: AddressView | None
    billing_address: AddressView | None
    shipping_method: str | None = Field(description="The chosen method; null for the cheapest")
    email: str | None
    note: str | None
    currency: str
    version: int

    @classmethod
    def of(cls, details: CartDetails) -> Self:
        """Return the response model of a cart."""
        known = details.basket.details if details.basket else CheckoutDetails()
        return cls(
            id=details.basket.cart_id if details.basket else None,
            items=[CartItemView.of(item, details) for item in details.items],
            totals=CartTotalsView.of(details.estimate.totals),
            problems=[CartProblemView.model_validate(problem) for problem in details.estimate.problems],
            shipping_address=AddressView.of(known.shipping_address),
            billing_address=AddressView.of(known.billing_address),
            shipping_method=known.shipping_method,
            email=known.email,
            note=known.note,
            currency=details.currency,
            version=details.version,
        )


class ShippingOptionView(View):
    """A shipping method that can be chosen for the cart."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"code": "standard", "name": "Standard shipping", "amount": _SHIPPING, "selected": True}]
        }
    )

    code: str = Field(description="The value for `shipping_method`")
    name: str
    amount: MoneyField
    selected: bool = Field(description="Whether the cart's total includes it")


class ShippingOptionsView(View):
    """The shipping methods that can be chosen for the cart, the cheapest first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "data": [
                        {"code": "standard", "name": "Standard shipping", "amount": _SHIPPING, "selected": True},
                    ],
                    "next_cursor": None,
                }
            ]
        }
    )

    data: list[ShippingOptionView]
    next_cursor: None = Field(default=None, description="Always null: all methods are on one page")

    @classmethod
    def of(cls, choices: ShippingChoices) -> Self:
        """Return the response model of choices."""
        return cls(
            data=[
                ShippingOptionView(
                    code=method.code,
                    name=method.name,
                    amount=MoneyField.of(method.amount),
                    selected=method.code == choices.selected,
                )
                for method in choices.methods
            ]
        )


def _money(amount: Money | None) -> MoneyField | None:
    return None if amount is None else MoneyField.of(amount)
