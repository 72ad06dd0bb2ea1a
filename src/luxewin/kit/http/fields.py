"""Shared types of request and response bodies: money, addresses, limited text."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    EmailStr,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from luxewin.kit.cards import looks_like_card_number
from luxewin.kit.countries import COUNTRIES
from luxewin.kit.errors import PreconditionFailed
from luxewin.kit.http.context import RequestContext
from luxewin.kit.http.entity_tags import strong_tags
from luxewin.kit.http.patterns import Pattern
from luxewin.kit.money import EXPONENTS, LARGEST_AMOUNT_MINOR, LARGEST_UNIT_AMOUNT_MINOR, Money
from luxewin.kit.postal import AddressFault, address_faults, region_code
from luxewin.kit.text import clean_line
from luxewin.kit.times import in_utc

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
Instant = Annotated[AwareDatetime, AfterValidator(in_utc)]
"""A time with a time zone, converted to UTC."""
Quantity = Annotated[int, Field(strict=True, ge=1, le=LARGEST_QUANTITY)]
Version = Annotated[int, Field(ge=1)]
Email = Annotated[EmailStr, Field(max_length=254)]
_PHONE_PATTERN = Pattern(r"^(.*\d.*)?$", "must be a telephone number, such as +44 20 7946 0958")


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


_ADDRESS_EXAMPLE: dict[str, Any] = {
    "name": "Ada Byron",
    "line1": "12 St James's Square",
    "city": "London",
    "postal_code": "SW1Y 4JH",
    "country": "GB",
}
_AMERICAN_EXAMPLE: dict[str, Any] = {
    "name": "Grace Murray",
    "line1": "1 Infinite Loop",
    "city": "Cupertino",
    "region": "California",
    "postal_code": "95014",
    "country": "US",
}


class AddressField(Body):
    """A postal address; `country` is ISO 3166-1 alpha-2, and its format decides which other parts are required."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ADDRESS_EXAMPLE, _AMERICAN_EXAMPLE]})

    name: ShortText
    line1: ShortText
    line2: OptionalText | None = None
    city: OptionalText | None = Field(default=None, description="Required in most countries")
    region: OptionalText | None = Field(
        default=None, description="State, province or prefecture, by its name or code; required in US, CA, AU, JP …"
    )
    region_code: OptionalText | None = Field(default=None, description="The code of the region, instead of `region`")
    postal_code: Annotated[OptionalText, Field(max_length=20)] | None = Field(
        default=None, description="In the format of the country; not required where there are none, such as HK and AE"
    )
    country: Country
    company: OptionalText | None = None
    phone: Annotated[OptionalText, Field(max_length=40), _PHONE_PATTERN] | None = None
    email: Email | None = None

    @field_validator("name", "line1", "line2", "city", "region", "region_code", "postal_code", "company", "phone")
    @classmethod
    def _reject_card_numbers(cls, text: str | None) -> str | None:
        return text if text is None else _reject_card_number(text)

    @model_validator(mode="after")
    def _fits_its_country(self) -> Self:
        faults = address_faults(
            self.country, city=self.city, region=self.region or self.region_code, postal_code=self.postal_code
        )
        if self.region and self.region_code and not _are_one_region(self.country, self.region, self.region_code):
            faults.append(AddressFault("region_code", f"is not the code of the region {self.region}"))
        if faults:
            raise ValidationError.from_exception_data(type(self).__name__, [self._error(fault) for fault in faults])
        return self

    def plain(self) -> dict[str, Any]:
        """Return the fields that are not empty, to be stored, with the code of a known region."""
        fields = {name: value for name, value in self.model_dump(exclude_none=True).items() if value != ""}
        region = self.region or self.region_code
        if region and (code := region_code(self.country, region)) is not None:
            fields |= {"region": region, "region_code": code}
        return fields

    def _error(self, fault: AddressFault) -> InitErrorDetails:
        kind = "missing" if fault.is_missing else "value_error"
        return InitErrorDetails(
            type=PydanticCustomError(kind, "{message}", {"message": fault.message}),
            loc=(fault.field,),
            input=getattr(self, fault.field),
        )


class AddressView(View):
    """A postal address as it was stored; `region_code` is the code of a known region."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ADDRESS_EXAMPLE]})

    name: str
    line1: str
    line2: str | None = None
    city: str | None = None
    region: str | None = None
    region_code: str | None = None
    postal_code: str | None = None
    country: str
    company: str | None = None
    phone: str | None = None
    email: str | None = None

    @classmethod
    def of(cls, stored: Mapping[str, Any] | None) -> Self | None:
        """Return the address of a response; what was stored is not validated again. None if there is none."""
        return cls(**stored) if stored else None


def _are_one_region(country: str, region: str, code: str) -> bool:
    known, given = region_code(country, region), region_code(country, code)
    return known == given and (known is not None or region == code)


def must_match(
    context: RequestContext, version: int | str, *, has_state: bool = False, state: str | None = None
) -> None:
    """Reject a write whose `If-Match` does not name the current state of the object.

    The header is a list of entity tags, or `*`; one strong tag must match exactly. A tag is the version of the object.
    If the object `has_state` that changes without a new version, such as its stock, its tag goes on with a hyphen and
    that state. A write that depends on the state gives the current one: then the tag must name it too. `version` may
    also be a whole tag with its state; then the version alone suffices.

    Raises:
        PreconditionFailed: the object has changed since the caller read it.
    """
    condition = context.headers.get("if-match", "*").strip()
    if condition == "*":
        return
    current, _, digest = str(version).partition("-")
    for tag in strong_tags(condition):
        of_version, hyphen, rest = tag.partition("-")
        if of_version != current or (hyphen and not (has_state or digest)):
            continue
        if digest:
            if not hyphen or rest == digest:
                return
        elif state is None or rest.partition("-")[0] == state:
            return
    raise PreconditionFailed(version=int(current))
