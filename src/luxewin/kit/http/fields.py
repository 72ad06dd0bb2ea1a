"""Shared types of request and response bodies: money, addresses, limited text."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, field_validator

from luxewin.kit.cards import looks_like_card_number
from luxewin.kit.countries import COUNTRIES
from luxewin.kit.errors import PreconditionFailed
from luxewin.kit.http.context import RequestContext
from luxewin.kit.http.entity_tags import strong_tags
from luxewin.kit.http.patterns import Pattern
from luxewin.kit.money import EXPONENTS, LARGEST_AMOUNT_MINOR, LARGEST_UNIT_AMOUNT_MINOR, Money
from luxewin.kit.text import clean_line

LARGEST_QUANTITY = 10_000


def cleaned(value: Any) -> Any:
    """Return a text as one line without invisible characters, and any other value as it is; for a `BeforeValidator`."""
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


ShortText = Annotated[str, StringConstraints(min_length=1, max_length=200), BeforeValidator(cleaned)]
OptionalText = Annotated[str, StringConstraints(max_length=200), BeforeValidator(cleaned)]
LongText = Annotated[str, StringConstraints(max_length=20_000)]
SLUG_PATTERN = Pattern(
    r"^[a-z0-9]+(-[a-z0-9]+)*$",
    "must contain only lower-case letters, digits and single hyphens between them, such as oak-table",
)
Slug = Annotated[str, StringConstraints(max_length=200), SLUG_PATTERN]
Currency = Annotated[str, AfterValidator(_validate_currency)]
_COUNTRY_RULE = "must be an ISO 3166-1 alpha-2 country code in capital letters, such as GB"
Country = Annotated[str, Pattern(r"^[A-Z]{2}$", _COUNTRY_RULE), AfterValidator(_validate_country)]
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


def must_match(context: RequestContext, version: int, *, has_state: bool = False, state: str | None = None) -> None:
    """Reject a write whose `If-Match` does not name what stands.

    The header is a list of entity tags, or `*`; one strong tag must match exactly. A tag is the version of the object.
    If the object `has_state` that changes without a new version, such as its stock, its tag goes on with a hyphen and
    that state. A write that depends on the state gives the current one: then the tag must name it too.

    Raises:
        PreconditionFailed: the object has changed since the caller read it.
    """
    condition = context.headers.get("if-match", "*").strip()
    if condition == "*":
        return
    for tag in strong_tags(condition):
        of_version, hyphen, rest = tag.partition("-")
        if of_version != str(version) or (hyphen and not has_state):
            continue
        if state is None or rest.partition("-")[0] == state:
            return
    raise PreconditionFailed(version=version)
