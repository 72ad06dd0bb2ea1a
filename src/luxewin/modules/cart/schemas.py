"""What cart takes in and gives out over HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator

from luxewin.kit.http.fields import Body, MoneyField, OptionalText, Quantity, View
from luxewin.kit.money import Money
from luxewin.modules.cart.domain import Basket, BasketItem, price_of, sum_of
from luxewin.modules.catalog.public import Sellable
from luxewin.modules.raffles.public import OddsView, Raffle, RaffleStatus

_VARIANT_ID = "0199a1b2-7c00-7000-8000-00000000000c"
_RAFFLE_ID = "0199a1b2-7c00-7000-8000-000000000031"
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
_RAFFLE_EXAMPLE: dict[str, Any] = {
    "id": _RAFFLE_ID,
    "title": "Win the Oslo Lounge Chair",
    "status": "open",
    "on_sale": True,
    "closes_at": "2026-12-24T18:00:00Z",
    "tickets_left": 378,
    "per_person_limit": 20,
    "odds": {"now": {"prizes": 1, "tickets": 121}, "at_worst": {"prizes": 1, "tickets": 500}},
    "skill_question": None,
}
_TICKETS_EXAMPLE: dict[str, Any] = {
    "id": "0199a1b2-7c00-7000-8000-000000000034",
    "kind": "ticket",
    "variant": None,
    "raffle": _RAFFLE_EXAMPLE,
    "quantity": 3,
    "unit_price": {"amount": 500, "currency": "USD"},
    "total": {"amount": 1500, "currency": "USD"},
}
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
    "items": [_ITEM_EXAMPLE, _TICKETS_EXAMPLE],
    "coupons": [],
    "totals": _TOTALS_EXAMPLE,
    "currency": "USD",
    "version": 2,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CartDetails:
    """A cart with the prices and the stock of this moment; without a `basket`, the empty one of somebody who has none.

    A variant that is missing in `goods` is not for sale, nor are tickets of a raffle that is missing in `on_sale`.
    """

    basket: Basket | None
    currency: str
    goods: Mapping[UUID, Sellable]
    raffles: Mapping[UUID, Raffle]
    on_sale: frozenset[UUID]

    @classmethod
    def empty(cls, currency: str) -> Self:
        """Return the cart of somebody who has none."""
        return cls(basket=None, currency=currency, goods={}, raffles={}, on_sale=frozenset())

    def unit_price(self, item: BasketItem) -> Money | None:
        """Return what a piece or a ticket costs at this moment; None where it is not for sale any more."""
        if item.offer_id in self.on_sale:
            return self.raffles[item.offer_id].terms.ticket_price
        good = self.goods.get(item.offer_id)
        return good.unit_price if good else None

    @property
    def version(self) -> int:
        """The cart's version; 0 while there is none."""
        return self.basket.version if self.basket else 0


class NewCartItem(Body):
    """What is put into the cart: a variant, a product that has only one, or tickets of a raffle."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"variant_id": _VARIANT_ID, "quantity": 2},
                {"product_id": "0199a1b2-7c00-7000-8000-00000000000d", "quantity": 1},
                {"raffle_id": _RAFFLE_ID, "quantity": 3},
                {"raffle_id": _RAFFLE_ID, "quantity": 1, "skill_answer": "42"},
            ]
        }
    )

    variant_id: UUID | None = None
    product_id: UUID | None = None
    raffle_id: UUID | None = None
    quantity: Quantity
    skill_answer: OptionalText | None = Field(default=None, description="Where the raffle asks a question")

    @model_validator(mode="after")
    def _names_one_thing(self) -> Self:
        named = [id for id in (self.variant_id, self.product_id, self.raffle_id) if id is not None]
        if len(named) != 1:
            raise ValueError("give exactly one of `variant_id`, `product_id` and `raffle_id`")
        if self.skill_answer is not None and self.raffle_id is None:
            raise ValueError("`skill_answer` needs `raffle_id`")
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


class CartRaffleView(View):
    """The raffle whose tickets an item is, with the odds of this moment."""

    model_config = ConfigDict(json_schema_extra={"examples": [_RAFFLE_EXAMPLE]})

    id: UUID
    title: str
    status: RaffleStatus
    on_sale: bool = Field(description="Whether it sells tickets at this moment")
    closes_at: datetime
    tickets_left: int
    per_person_limit: int | None
    odds: OddsView
    skill_question: str | None

    @classmethod
    def of(cls, raffle: Raffle, *, on_sale: bool) -> Self:
        """Shape the raffle of an item."""
        terms = raffle.terms
        return cls(
            id=raffle.id,
            title=terms.title,
            status=raffle.status,
            on_sale=on_sale,
            closes_at=terms.closes_at,
            tickets_left=raffle.left,
            per_person_limit=terms.per_person_limit,
            odds=OddsView.of(raffle),
            skill_question=terms.skill.question if terms.skill else None,
        )


class CartItemView(View):
    """An item of the cart at today's price; the price is null where it is not for sale any more."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ITEM_EXAMPLE, _TICKETS_EXAMPLE]})

    id: UUID
    kind: str = Field(description="goods, with a `variant`; ticket, with a `raffle`")
    variant: CartVariantView | None
    raffle: CartRaffleView | None
    quantity: int
    unit_price: MoneyField | None
    total: MoneyField | None

    @classmethod
    def of(cls, item: BasketItem, sheet: CartDetails) -> Self:
        """Shape an item."""
        price, raffle = sheet.unit_price(item), sheet.raffles.get(item.offer_id)
        return cls(
            id=item.id,
            kind=item.kind,
            variant=None if item.is_ticket else _variant(item, sheet.goods.get(item.offer_id)),
            raffle=CartRaffleView.of(raffle, on_sale=item.offer_id in sheet.on_sale) if raffle else None,
            quantity=item.quantity,
            unit_price=MoneyField.of(price) if price else None,
            total=MoneyField.of(price_of(price, item.quantity)) if price else None,
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
    def of(cls, sheet: CartDetails) -> Self:
        """Shape a cart.

        Raises:
            CartTooLarge: its total is beyond what can be told exactly.
        """
        items = sheet.basket.items if sheet.basket else ()
        prices = [price_of(price, item.quantity) for item in items if (price := sheet.unit_price(item)) is not None]
        return cls(
            id=sheet.basket.cart_id if sheet.basket else None,
            items=[CartItemView.of(item, sheet) for item in items],
            totals=CartTotalsView.of(sum_of(prices, currency=sheet.currency)),
            currency=sheet.currency,
            version=sheet.version,
        )


def _variant(item: BasketItem, good: Sellable | None) -> CartVariantView:
    if good is None:
        return CartVariantView(id=item.offer_id, sku=None, options={}, product=None, in_stock=False, stock=0)
    product = CartProductView(id=good.product_id, slug=good.product_slug, name=good.name, image_url=good.image_url)
    return CartVariantView(
        id=good.variant_id,
        sku=good.sku,
        options=dict(good.options),
        product=product,
        in_stock=good.available is None or good.available > 0,
        stock=good.available,
    )
