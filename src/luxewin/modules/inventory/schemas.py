"""Request and response bodies of inventory."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator

from luxewin.kit.http.examples import named_examples
from luxewin.kit.http.fields import Body, ShortText, Slug, View
from luxewin.modules.inventory.domain import Location, Movement, MovementKind, VariantStock

LARGEST_STOCK = 1_000_000_000
"""The largest stock of a variant at one location: far above the stock of any shop, far below the limit of a bigint."""

_VARIANT_ID = "0199a1b2-7c00-7000-8000-00000000000c"
_LOCATION_ID = "0199a1b2-7c00-7000-8000-000000000010"
_LOCATION_EXAMPLE: dict[str, Any] = {
    "id": _LOCATION_ID,
    "code": "main",
    "name": "Main location",
    "is_default": True,
    "created_at": "2026-11-20T12:00:00Z",
}
_LEVEL_EXAMPLE: dict[str, Any] = {
    "location_id": _LOCATION_ID,
    "code": "main",
    "name": "Main location",
    "on_hand": 12,
    "reserved": 2,
    "backorder_limit": 0,
    "available": 10,
}
_STOCK_EXAMPLE: dict[str, Any] = {
    "variant_id": _VARIANT_ID,
    "tracked": True,
    "in_stock": True,
    "on_hand": 12,
    "reserved": 2,
    "available": 10,
    "locations": [_LEVEL_EXAMPLE],
    "version": 1,
}
_MOVEMENT_EXAMPLE: dict[str, Any] = {
    "id": "0199a1b2-7c00-7000-8000-000000000011",
    "variant_id": _VARIANT_ID,
    "location_id": _LOCATION_ID,
    "kind": "adjusted",
    "delta": -1,
    "reason": "broken in the warehouse",
    "cause_id": None,
    "at": "2026-11-20T12:00:00Z",
}


class NewLocation(Body):
    """A new stock location."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "berlin", "name": "Berlin warehouse"}]})

    code: Slug
    name: ShortText


class NewAdjustment(Body):
    """An adjustment of stock: by a difference (`delta`), or to a counted number (`on_hand`)."""

    model_config = ConfigDict(
        json_schema_extra=named_examples(
            {
                "Take broken units out": {"variant_id": _VARIANT_ID, "delta": -1, "reason": "broken in the warehouse"},
                "Set the counted number": {
                    "variant_id": _VARIANT_ID,
                    "location_id": _LOCATION_ID,
                    "on_hand": 12,
                    "reason": "counted",
                },
            }
        )
    )

    variant_id: UUID
    location_id: UUID | None = Field(default=None, description="Without it, the default location")
    delta: Annotated[int, Field(strict=True, ge=-LARGEST_STOCK, le=LARGEST_STOCK)] | None = None
    on_hand: Annotated[int, Field(strict=True, ge=0, le=LARGEST_STOCK)] | None = None
    reason: ShortText

    @model_validator(mode="after")
    def _has_one_number(self) -> Self:
        if (self.delta is None) == (self.on_hand is None):
            raise ValueError("give exactly one of `delta` and `on_hand`")
        if self.delta == 0:
            raise ValueError("`delta` must not be 0; give the difference, such as -1")
        return self


class NewTransfer(Body):
    """A transfer of units from one location to another."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "variant_id": _VARIANT_ID,
                    "from_location_id": _LOCATION_ID,
                    "to_location_id": "0199a1b2-7c00-7000-8000-000000000012",
                    "quantity": 5,
                }
            ]
        }
    )

    variant_id: UUID
    from_location_id: UUID
    to_location_id: UUID
    quantity: Annotated[int, Field(strict=True, ge=1, le=LARGEST_STOCK)]
    reason: ShortText | None = None


class LocationView(View):
    """A stock location."""

    model_config = ConfigDict(json_schema_extra={"examples": [_LOCATION_EXAMPLE]})

    id: UUID
    code: str
    name: str
    is_default: bool
    created_at: datetime

    @classmethod
    def of(cls, location: Location) -> Self:
        """Return the response model of a location."""
        return cls.model_validate(location)


class StockLevelView(View):
    """A variant's stock at one location."""

    model_config = ConfigDict(json_schema_extra={"examples": [_LEVEL_EXAMPLE]})

    location_id: UUID
    code: str
    name: str
    on_hand: int
    reserved: int
    backorder_limit: int
    available: int = Field(description="Units that can be sold: on hand − reserved + backorder limit")


class StockView(View):
    """A variant's stock over all locations."""

    model_config = ConfigDict(json_schema_extra={"examples": [_STOCK_EXAMPLE]})

    variant_id: UUID
    tracked: bool
    in_stock: bool
    on_hand: int
    reserved: int
    available: int | None = Field(description="Units that can be sold; null if the stock is not tracked")
    locations: list[StockLevelView]
    version: int = Field(description="Grows each time the variant comes into stock or goes out of it")

    @classmethod
    def of(cls, stock: VariantStock) -> Self:
        """Return the response model of a variant's stock."""
        return cls(
            variant_id=stock.variant_id,
            tracked=stock.tracked,
            in_stock=stock.in_stock,
            on_hand=stock.on_hand,
            reserved=stock.reserved,
            available=stock.available,
            locations=[StockLevelView.model_validate(level) for level in stock.levels],
            version=stock.version,
        )


class MovementView(View):
    """An entry of the stock ledger; `cause_id` names the order, refund or transfer that it belongs to."""

    model_config = ConfigDict(json_schema_extra={"examples": [_MOVEMENT_EXAMPLE]})

    id: UUID
    variant_id: UUID
    location_id: UUID
    kind: MovementKind
    delta: int
    reason: str | None
    cause_id: UUID | None
    at: datetime

    @classmethod
    def of(cls, movement: Movement) -> Self:
        """Return the response model of a movement."""
        return cls.model_validate(movement)
