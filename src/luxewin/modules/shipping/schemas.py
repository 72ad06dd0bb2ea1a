"""Request and response bodies of shipping methods."""

from dataclasses import replace
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from luxewin.kit.http.examples import named_examples
from luxewin.kit.http.fields import Body, Country, MoneyField, PriceField, ShortText, Slug, View
from luxewin.modules.shipping.domain import NOTHING_TO_SHIP, ShippingMethod

_MOST_COUNTRIES = 250
_AMOUNT: dict[str, Any] = {"amount": 990, "currency": "USD"}
_EXAMPLE: dict[str, Any] = {
    "id": "0199a1b2-7c00-7000-8000-000000000020",
    "code": "standard",
    "name": "Standard shipping",
    "amount": _AMOUNT,
    "countries": None,
    "active": True,
    "version": 1,
}


def _not_reserved(code: str) -> str:
    if code == NOTHING_TO_SHIP:
        raise ValueError(f"must not be `{NOTHING_TO_SHIP}`, which is reserved for orders without shipping")
    return code


def _without_repeats(countries: list[str]) -> list[str]:
    return sorted(set(countries))


Countries = Annotated[list[Country], Field(min_length=1, max_length=_MOST_COUNTRIES), AfterValidator(_without_repeats)]


class NewShippingMethod(Body):
    """A shipping method with a flat rate."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"code": "express", "name": "Express, next day", "amount": _AMOUNT, "countries": ["US"]}]
        }
    )

    code: Annotated[Slug, AfterValidator(_not_reserved)]
    name: ShortText
    amount: PriceField
    countries: Countries | None = Field(default=None, description="The countries it serves; all if null")
    active: bool = True

    def method(self, method_id: UUID) -> ShippingMethod:
        """Return the method that the body describes."""
        return ShippingMethod(
            id=method_id,
            code=self.code,
            name=self.name,
            amount=self.amount.money,
            countries=None if self.countries is None else tuple(self.countries),
            active=self.active,
            version=1,
        )


class ShippingMethodPatch(Body):
    """New values of some fields; the code cannot be changed."""

    model_config = ConfigDict(
        json_schema_extra=named_examples(
            {
                "Change the rate": {"amount": {"amount": 1290, "currency": "USD"}},
                "Withdraw the method": {"active": False},
            }
        )
    )

    name: ShortText | None = None
    amount: PriceField | None = None
    countries: Countries | None = Field(default=None, description="The countries it serves; all if null")
    active: bool | None = None

    @model_validator(mode="after")
    def _only_countries_may_be_null(self) -> Self:
        for name in self.model_fields_set - {"countries"}:
            if getattr(self, name) is None:
                raise ValueError(f"`{name}` must not be null")
        return self

    def applied_to(self, method: ShippingMethod) -> ShippingMethod:
        """Return the method with the new values."""
        changes: dict[str, Any] = {name: getattr(self, name) for name in self.model_fields_set}
        if self.amount is not None:
            changes["amount"] = self.amount.money
        if self.countries is not None:
            changes["countries"] = tuple(self.countries)
        return replace(method, **changes)


class ShippingMethodView(View):
    """A shipping method of the shop."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    id: UUID
    code: str
    name: str
    amount: MoneyField
    countries: list[str] | None
    active: bool
    version: int

    @classmethod
    def of(cls, method: ShippingMethod) -> Self:
        """Return the response model of a method."""
        return cls(
            id=method.id,
            code=method.code,
            name=method.name,
            amount=MoneyField.of(method.amount),
            countries=None if method.countries is None else list(method.countries),
            active=method.active,
            version=method.version,
        )
