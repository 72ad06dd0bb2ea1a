"""The API's fields of lines of every kind."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator

from luxewin.kit.http.examples import named_examples
from luxewin.kit.http.fields import Body, OptionalText, Quantity, View
from luxewin.kit.http.public_urls import PublicUrl
from luxewin.modules.raffles.public import OddsView, Raffle, RaffleStatus

_VARIANT_ID = "0199a1b2-7c00-7000-8000-00000000000c"
_RAFFLE_ID = "0199a1b2-7c00-7000-8000-000000000031"
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
ITEM_EXAMPLES: list[dict[str, Any]] = [
    {
        "id": "0199a1b2-7c00-7000-8000-00000000000b",
        "kind": "goods",
        "variant": _VARIANT_EXAMPLE,
        "raffle": None,
        "quantity": 2,
        "unit_price": {"amount": 64900, "currency": "USD"},
        "total": {"amount": 129800, "currency": "USD"},
    },
    {
        "id": "0199a1b2-7c00-7000-8000-000000000034",
        "kind": "ticket",
        "variant": None,
        "raffle": _RAFFLE_EXAMPLE,
        "quantity": 3,
        "unit_price": {"amount": 500, "currency": "USD"},
        "total": {"amount": 1500, "currency": "USD"},
    },
]
"""Items of a cart, one of each kind."""

LINE_EXAMPLE: dict[str, Any] = {
    "id": "0199a1b2-7c00-7000-8000-00000000000b",
    "kind": "goods",
    "variant_id": _VARIANT_ID,
    "product_id": "0199a1b2-7c00-7000-8000-00000000000d",
    "product_slug": "oslo-lounge-chair",
    "raffle_id": None,
}
"""The reference of an order's line, for the documentation of the API."""

SELECTION_HELP = """\
A variant, a product that has only one, or tickets of a raffle, with `skill_answer` if it asks a question. A cart
reserves nothing: stock and tickets are reserved by the order."""
"""The selection of a request, for the documentation of the API."""


class NewCartItem(Body):
    """A new item of the cart: a variant, a product that has only one, or tickets of a raffle."""

    model_config = ConfigDict(
        json_schema_extra=named_examples(
            {
                "Units of a variant": {"variant_id": _VARIANT_ID, "quantity": 2},
                "A product that has only one variant": {
                    "product_id": "0199a1b2-7c00-7000-8000-00000000000d",
                    "quantity": 1,
                },
                "Tickets of a raffle": {"raffle_id": _RAFFLE_ID, "quantity": 3},
                "A ticket of a raffle that asks a question": {
                    "raffle_id": _RAFFLE_ID,
                    "quantity": 1,
                    "skill_answer": "42",
                },
            }
        )
    )

    variant_id: UUID | None = None
    product_id: UUID | None = None
    raffle_id: UUID | None = None
    quantity: Quantity
    skill_answer: OptionalText | None = Field(default=None, description="Required if the raffle asks a question")

    @model_validator(mode="after")
    def _names_one_thing(self) -> Self:
        named = [id for id in (self.variant_id, self.product_id, self.raffle_id) if id is not None]
        if len(named) != 1:
            raise ValueError("give exactly one of `variant_id`, `product_id` and `raffle_id`")
        if self.skill_answer is not None and self.raffle_id is None:
            raise ValueError("`skill_answer` needs a `raffle_id`")
        return self


class CartProductView(View):
    """The product that a variant belongs to."""

    model_config = ConfigDict(json_schema_extra={"examples": [_VARIANT_EXAMPLE["product"]]})

    id: UUID
    slug: str
    name: str
    image_url: PublicUrl | None


class CartVariantView(View):
    """The variant of an item; without a product it is no longer for sale."""

    model_config = ConfigDict(json_schema_extra={"examples": [_VARIANT_EXAMPLE]})

    id: UUID
    sku: str | None
    options: dict[str, str]
    product: CartProductView | None
    in_stock: bool
    stock: int | None = Field(description="The quantity that can be sold; null if stock is not tracked")


class CartRaffleView(View):
    """The raffle of an item that holds tickets, with the current odds."""

    model_config = ConfigDict(json_schema_extra={"examples": [_RAFFLE_EXAMPLE]})

    id: UUID
    title: str
    status: RaffleStatus
    on_sale: bool = Field(description="Whether it sells tickets now")
    closes_at: datetime
    tickets_left: int
    per_person_limit: int | None
    odds: OddsView
    skill_question: str | None

    @classmethod
    def of(cls, raffle: Raffle, *, on_sale: bool) -> Self:
        """Return the response model of a raffle."""
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


class ItemFields(View):
    """The offer of a cart's item: the field of its kind describes the offer, the others are null."""

    id: UUID
    kind: str = Field(description="goods, with a `variant`; ticket, with a `raffle`")
    variant: CartVariantView | None
    raffle: CartRaffleView | None


class LineFields(View):
    """The bought offer of an order's line: the field of its kind refers to the offer."""

    id: UUID
    kind: str
    variant_id: UUID | None
    product_id: UUID | None
    product_slug: str | None
    raffle_id: UUID | None = Field(description="The raffle whose tickets these are; the line is the purchase")
