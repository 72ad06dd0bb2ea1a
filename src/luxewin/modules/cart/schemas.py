"""What cart takes in and gives out over HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator

from luxewin.kit.http.fields import Body, MoneyField, Quantity, View
from luxewin.kit.money import Money
from luxewin.modules.cart.domain import Basket, BasketItem, price_of, sum_of
from luxewin.modules.catalog.public import Sellable

_VARIANT_ID = "0199a1b2-7c00-7000-8000-00000000000c"
_UNIT_PRICE: dict[str, Any] = {"amount": 64900, "currency": "USD"}
_TOTAL: dict[str, Any] = {"amount": 129800, "currency": "USD"}
_NOTHING: dict[str, Any] = {"amount": 0, "currency": "USD"}
_VARIANT_EXAMPLE: dict[str, Any] = {
    "id": _VARIANT_ID,
    "sku": "OSLO-GREY",
    "options": {"Colour": "Grey"},
    "product": {
        "id": "0199a1b2-7c00-7000-8000-00000000000d",
        "slug": "oslo-lounge-chair",
        "name": "Oslo Lounge Chair",
        "image_url": None,
    },
    "in_stock": True,
    "stock": 10,
}
_ITEM_EXAMPLE: dict[str, Any] = {
    "id": "0199a1b2-7c00-7000-8000-00000000000b",
    "kind": "goods",
    "variant": _VARIANT_EXAMPLE,
    "raffle": None,
    "quantity": 2,
    "unit_price": _UNIT_PRICE,
    "total": _TOTAL,
}
_TOTALS_EXAMPLE: dict[str, Any] = {
    "subtotal": _TOTAL,
    "discount": _NOTHING,
    "shipping": _NOTHING,
    "tax": _NOTHING,
    "total": _TOTAL,
}
_CART_EXAMPLE: dict[str, Any] = {
    "id": "0199a1b2-7c00-7000-8000-00000000000a",
    "items": [_ITEM_EXAMPLE],
    "coupons": [],
    "totals": _TOTALS_EXAMPLE,
    "currency": "USD",
    "version": 1,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CartSheet:
    """A cart with the prices and the stock of this moment; without a `basket`, the empty one of somebody who has none.

    A variant that is missing in `goods` is not for sale.
    """

    basket: Basket | None
    currency: str
    goods: Mapping[UUID, Sellable]

    @property
    def version(self) -> int:
        """The cart's version; 0 while there is none."""
        return self.basket.version if self.basket else 0


class NewCartItem(Body):
    """What is put into the cart: a variant, or a product that has only one."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"variant_id": _VARIANT_ID, "quantity": 2},
                {"product_id": "0199a1b2-7c00-7000-8000-00000000000d", "quantity": 1},
            ]
        }
    )

    variant_id: UUID | None = None
    product_id: UUID | None = None
    quantity: Quantity

    @model_validator(mode="after")
    def _names_one_thing(self) -> Self:
        if (self.variant_id is None) == (self.product_id is None):
            raise ValueError("give either `variant_id` or `product_id`")
        return self


class CartItemQuantity(Body):
    """How many pieces the cart is to hold."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"quantity": 3}]})

    quantity: Quantity


class CartProductView(View):
    """The product that a variant belongs to."""

    model_config = ConfigDict(json_schema_extra={"examples": [_VARIANT_EXAMPLE["product"]]})

    id: UUID
    slug: str
    name: str
    image_url: str | None


class CartVariantView(View):
    """The variant of an item; without a product it is not for sale any more."""

    model_config = ConfigDict(json_schema_extra={"examples": [_VARIANT_EXAMPLE]})

    id: UUID
    sku: str | None
    options: dict[str, str]
    product: CartProductView | None
    in_stock: bool
    stock: int | None = Field(description="What can be sold; null where stock is not tracked")


class CartItemView(View):
    """An item of the cart at today's price; the price is null where it is not for sale any more."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ITEM_EXAMPLE]})

    id: UUID
    kind: str
    variant: CartVariantView | None
    raffle: None = None
    quantity: int
    unit_price: MoneyField | None
    total: MoneyField | None

    @classmethod
    def of(cls, item: BasketItem, good: Sellable | None) -> Self:
        """Shape an item."""
        return cls(
            id=item.id,
            kind=item.kind,
            variant=_variant(item, good),
            quantity=item.quantity,
            unit_price=MoneyField.of(good.unit_price) if good else None,
            total=MoneyField.of(price_of(good.unit_price, item.quantity)) if good else None,
        )


class CartTotalsView(View):
    """What the cart comes to before it is ordered: shipping and tax are known with the address."""

    model_config = ConfigDict(json_schema_extra={"examples": [_TOTALS_EXAMPLE]})

    subtotal: MoneyField
    discount: MoneyField
    shipping: MoneyField
    tax: MoneyField
    total: MoneyField

    @classmethod
    def of(cls, subtotal: Money) -> Self:
        """Shape the totals of a cart whose items come to this."""
        sum_, nothing = MoneyField.of(subtotal), MoneyField.of(Money.zero(subtotal.currency))
        return cls(subtotal=sum_, discount=nothing, shipping=nothing, tax=nothing, total=sum_)


class CartView(View):
    """A cart; its `id` is null, and its version 0, until something is put into it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CART_EXAMPLE]})

    id: UUID | None
    items: list[CartItemView]
    coupons: list[str] = Field(default_factory=list)
    totals: CartTotalsView
    currency: str
    version: int

    @classmethod
    def of(cls, sheet: CartSheet) -> Self:
        """Shape a cart.

        Raises:
            CartTooLarge: its total is beyond what can be told exactly.
        """
        items = sheet.basket.items if sheet.basket else ()
        prices = [
            price_of(sheet.goods[item.variant_id].unit_price, item.quantity)
            for item in items
            if item.variant_id in sheet.goods
        ]
        return cls(
            id=sheet.basket.cart_id if sheet.basket else None,
            items=[CartItemView.of(item, sheet.goods.get(item.variant_id)) for item in items],
            totals=CartTotalsView.of(sum_of(prices, currency=sheet.currency)),
            currency=sheet.currency,
            version=sheet.version,
        )


def _variant(item: BasketItem, good: Sellable | None) -> CartVariantView:
    if good is None:
        return CartVariantView(id=item.variant_id, sku=None, options={}, product=None, in_stock=False, stock=0)
    product = CartProductView(id=good.product_id, slug=good.product_slug, name=good.name, image_url=good.image_url)
    return CartVariantView(
        id=good.variant_id,
        sku=good.sku,
        options=dict(good.options),
        product=product,
        in_stock=good.available is None or good.available > 0,
        stock=good.available,
    )
