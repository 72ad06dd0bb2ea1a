"""The shapes that bodies and answers share: money, addresses, bounded text."""

import unicodedata
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, field_validator

from luxewin.kit.cards import looks_like_card_number
from luxewin.kit.countries import COUNTRIES
from luxewin.kit.errors import PreconditionFailed
from luxewin.kit.http.context import RequestContext
from luxewin.kit.money import EXPONENTS, LARGEST_AMOUNT_MINOR, LARGEST_PRICE_MINOR, Money

LARGEST_QUANTITY = 10_000


_UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp"})
_OF_SCRIPTS = frozenset(
    "\u200c\u200d\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)
"""Format characters that writing needs: the joiners (in emoji, too), and signs that stand around numbers."""


def _printable(text: str) -> str:
    """Refuse what is not seen in one-line text: no name can forge a header or a log line, or read as another name."""
    if any(unicodedata.category(character) in _UNSEEN and character not in _OF_SCRIPTS for character in text):
        raise ValueError("must not hold control characters, line breaks or characters that are not seen")
    return text


def _known_currency(text: str) -> str:
    if text not in EXPONENTS:
        raise ValueError("must be an ISO 4217 currency code")
    return text


def _known_country(text: str) -> str:
    if text not in COUNTRIES:
        raise ValueError("must be an ISO 3166-1 alpha-2 country code")
    return text


def _no_card_number(text: str) -> str:
    """Refuse what looks like a card number: card data never comes here, in whatever field."""
    if looks_like_card_number(text):
        raise ValueError("looks like a card number, which must not be sent here")
    return text


ShortText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_printable)
]
OptionalText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(_printable)]
LongText = Annotated[str, StringConstraints(max_length=20_000)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=200)]
Currency = Annotated[str, AfterValidator(_known_currency)]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$"), AfterValidator(_known_country)]
Quantity = Annotated[int, Field(strict=True, ge=1, le=LARGEST_QUANTITY)]
Version = Annotated[int, Field(ge=1)]


class Body(BaseModel):
    """Base of what comes in: unknown and read-only fields are refused, not ignored."""

    model_config = ConfigDict(extra="forbid")


class View(BaseModel):
    """Base of what goes out."""

    model_config = ConfigDict(from_attributes=True, defer_build=True)


class MoneyField(Body):
    """An amount in integer minor units of an ISO 4217 currency: 1299.00 USD is 129900."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"amount": 129900, "currency": "USD"}]})

    amount: int = Field(strict=True, ge=0, le=LARGEST_AMOUNT_MINOR, description="In minor units")
    currency: Currency

    @property
    def money(self) -> Money:
        """The amount as the domain knows it."""
        return Money(self.amount, self.currency)

    @classmethod
    def of(cls, money: Money) -> "MoneyField":
        """Shape an amount for an answer."""
        return cls(amount=money.minor, currency=money.currency)


class PriceField(MoneyField):
    """A price in minor units, bounded so that a sum of many prices stays within the largest amount."""

    amount: int = Field(strict=True, ge=0, le=LARGEST_PRICE_MINOR, description="In minor units")


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
    def _holds_no_card_number(cls, text: str | None) -> str | None:
        return text if text is None else _no_card_number(text)

    def plain(self) -> dict[str, Any]:
        """Return the given fields, ready to be stored."""
        return self.model_dump(exclude_none=True)


def must_match(context: RequestContext, version: int) -> None:
    """Refuse a write whose `If-Match` names another version than the object has.

    An entity tag begins with the version; what may follow a hyphen tells apart answers of one version, such as those
    before and after a sale.
    """
    wanted = context.headers.get("if-match", "*").strip()
    if wanted != "*" and wanted.removeprefix("W/").strip('"').partition("-")[0] != str(version):
        raise PreconditionFailed(version=version)
