"""Shared types of request and response bodies: money, addresses, limited text."""

from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
)

from luxewin.kit.cards import looks_like_card_number
from luxewin.kit.countries import COUNTRIES
from luxewin.kit.errors import PreconditionFailed
from luxewin.kit.http.context import RequestContext
from luxewin.kit.http.patterns import Pattern
from luxewin.kit.money import EXPONENTS, LARGEST_AMOUNT_MINOR, LARGEST_UNIT_AMOUNT_MINOR, Money
from luxewin.kit.text import clean_line
from luxewin.kit.times import in_utc

LARGEST_QUANTITY = 10_000


def _clean(value: Any) -> Any:
    return clean_line(value) if isinstance(value, str) else value


def _validate_currency(text: str) -> str:
    if text not in EXPONENTS:
        raise ValueError("must be an ISO 4217 currency code in capital letters, such as EUR")
    return text


def _validate_country(text: str) -> str:
    if text not in COUNTRIES:
        raise ValueError(_COUNTRY_RULE)
    return text


def _reject_card_number(text: str) -> str:
    """Reject text that looks like a card number, in any field: the API never accepts card data."""
    if looks_like_card_number(text):
        raise ValueError("looks like a card number; never send card numbers to this API")
    return text


ShortText = Annotated[str, StringConstraints(min_length=1, max_length=200), BeforeValidator(_clean)]
OptionalText = Annotated[str, StringConstraints(max_length=200), BeforeValidator(_clean)]
LongText = Annotated[str, StringConstraints(max_length=20_000)]
SLUG_PATTERN = Pattern(
    r"^[a-z0-9]+(-[a-z0-9]+)*$",
    "must contain only lower-case letters, digits and single hyphens between them, such as oak-table",
)
Slug = Annotated[str, StringConstraints(max_length=200), SLUG_PATTERN]
Currency = Annotated[str, AfterValidator(_validate_currency)]
_COUNTRY_RULE = "must be an ISO 3166-1 alpha-2 country code in capital letters, such as GB"
Country = Annotated[str, Pattern(r"^[A-Z]{2}$", _COUNTRY_RULE), AfterValidator(_validate_country)]
Instant = Annotated[AwareDatetime, AfterValidator(in_utc)]
"""A time with a time zone, converted to UTC."""
Quantity = Annotated[int, Field(strict=True, ge=1, le=LARGEST_QUANTITY)]
Version = Annotated[int, Field(ge=1)]


class Body(BaseModel):
    """Base of request bodies: unknown and read-only fields are rejected, not ignored."""

    model_config = ConfigDict(extra="forbid")


class View(BaseModel):
    """Base of response bodies."""

    model_config = ConfigDict(from_attributes=True, defer_build=True)


class MoneyField(Body):
    """An amount in integer minor units of an ISO 4217 currency: 1299.00 USD is 129900."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"amount": 129900, "currency": "USD"}]})

    amount: int = Field(strict=True, ge=0, le=LARGEST_AMOUNT_MINOR, description="In minor units")
    currency: Currency

    @property
    def money(self) -> Money:
        """The amount as a domain value."""
        return Money(self.amount, self.currency)

    @classmethod
    def of(cls, money: Money) -> "MoneyField":
        """Return the field of a response."""
        return cls(amount=money.minor, currency=money.currency)


class PriceField(MoneyField):
    """A price: an amount in minor units, limited so that the total of a large order stays in range."""

    amount: int = Field(strict=True, ge=0, le=LARGEST_UNIT_AMOUNT_MINOR, description="In minor units")


class AddressField(Body):
    """A postal address; `country` is ISO 3166-1 alpha-2."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Ada Byron",
                    "line1": "12 St James's Square",
                    "city": "London",
                    "postal_code": "SW1Y 4JH",
                    "country": "GB",
                }
            ]
        }
    )

    name: ShortText
    line1: ShortText
    line2: OptionalText | None = None
    city: ShortText
    region: OptionalText | None = None
    postal_code: Annotated[OptionalText, Field(max_length=20)]
    country: Country
    company: OptionalText | None = None
    phone: Annotated[OptionalText, Field(max_length=40)] | None = None
    email: Annotated[OptionalText, Field(max_length=254)] | None = None

    @field_validator("name", "line1", "line2", "city", "region", "postal_code", "company", "phone", "email")
    @classmethod
    def _reject_card_numbers(cls, text: str | None) -> str | None:
        return text if text is None else _reject_card_number(text)

    def plain(self) -> dict[str, Any]:
        """Return the fields that are not null, to be stored."""
        return self.model_dump(exclude_none=True)


def must_match(context: RequestContext, version: int) -> None:
    """Reject a write whose `If-Match` names a version other than the current one.

    An entity tag begins with the version; a suffix after a hyphen distinguishes responses of one version, such as those
    before and after a sale.

    Raises:
        PreconditionFailed: the object has another version.
    """
    condition = context.headers.get("if-match", "*").strip()
    if condition != "*" and condition.removeprefix("W/").strip('"').partition("-")[0] != str(version):
        raise PreconditionFailed(version=version)
