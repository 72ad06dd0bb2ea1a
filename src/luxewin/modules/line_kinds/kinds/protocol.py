"""The protocol that every kind of line implements.

The life cycle of a line: an item of a cart has an *offer*; an order *quotes* the items and *reserves* the quotes in the
statement that stores the order; then the lines are *fulfilled* when they are paid, or *released*; fulfilled lines can
be *refunded*. No method commits: a method that changes rows returns writes, or adds them to the transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, TypeVar
from uuid import UUID

from luxewin.kit.errors import DomainError
from luxewin.kit.http.fields import View
from luxewin.kit.money import Money
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write
from luxewin.modules.ledger.public import AccountKind
from luxewin.modules.line_kinds.schemas import NewCartItem

T = TypeVar("T")


class Services(Protocol):
    """The services of the program, by type; a request context is an implementation."""

    def service(self, kind: type[T], /) -> T:
        """Return the service of this type."""


@dataclass(frozen=True, slots=True)
class ServicesByType:
    """Services for a buyer without a request."""

    services: Mapping[type[Any], Any]

    def service(self, kind: type[T], /) -> T:
        """Return the service of this type."""
        service: T = self.services[kind]
        return service


@dataclass(frozen=True, slots=True)
class Buyer:
    """The customer who places or pays an order: an account, or a guest without one."""

    user_id: UUID | None
    services: Services


class Wanted(Protocol):
    """A request to buy `quantity` units of an offer, with the answer to the offer's question, if any."""

    @property
    def kind(self) -> str:
        """The name of the kind."""

    @property
    def offer_id(self) -> UUID:
        """The id of the offer."""

    @property
    def quantity(self) -> int:
        """The number of units."""

    @property
    def answer(self) -> str | None:
        """The buyer's answer."""


class Bought(Protocol):
    """A line of an order."""

    @property
    def id(self) -> UUID:
        """The id of the line."""

    @property
    def kind(self) -> str:
        """The name of the kind."""

    @property
    def offer_id(self) -> UUID:
        """The id of the offer."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The selection of a request: the id of an offer, or of a product that has only one, and an answer."""

    kind: str
    offer_id: UUID | None = None
    product_id: UUID | None = None
    answer: str | None = None


@dataclass(frozen=True, slots=True)
class Dispatch:
    """The properties of a line for shipping; `taxable` is true if it is taxed at its destination."""

    requires_shipping: bool
    weight_grams: int | None
    taxable: bool


class Offer(Protocol):
    """An offer at this moment, independent of the buyer."""

    @property
    def unit_price(self) -> Money | None:
        """The price of a unit; None while it is not for sale."""

    @property
    def dispatch(self) -> Dispatch | None:
        """How it is shipped and taxed; None if it is neither, or while it is not for sale."""

    def fields(self) -> Mapping[str, View | None]:
        """Return the fields of the offer in an item of a cart, by their name in the API."""

    async def must_be_sold(self, tx: Transaction, wanted: Wanted, /) -> None:
        """Raise one of the kind's `sale_errors` if no buyer could buy this quantity now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedLine:
    """A line of a future order, with the values that the order copies; not shipped or taxed without `dispatch`.

    `left` is how many units were available, None for an offer without a limit; `sale` is when the sale of the offer
    began and when it closes, None if it does not close.
    """

    id: UUID
    kind: str
    offer_id: UUID
    name: str
    quantity: int
    unit_price: Money
    dispatch: Dispatch | None = None
    product_id: UUID | None = None
    product_slug: str | None = None
    sku: str | None = None
    options: Mapping[str, str]
    image_url: str | None = None
    vendor_id: UUID | None = None
    left: int | None = None
    sale: tuple[datetime, datetime] | None = None

    @property
    def amount(self) -> Money:
        """The price of all its units, before tax."""
        return self.unit_price.times(self.quantity)


class Quote(Protocol):
    """Lines that can be ordered now."""

    @property
    def lines(self) -> Sequence[QuotedLine]:
        """The lines, one for each requested offer, in the same order."""

    def reserve(self, tx: Transaction, *, order_id: UUID, until: datetime | None) -> list[Write]:
        """Return the writes that reserve all lines for the order; they fail if an offer is no longer available."""


class Ending(StrEnum):
    """The reason for releasing reserved lines."""

    CANCELLED = "cancelled"
    EXPIRED = "expired"
    EXPIRED_UNDECIDED = "expired_undecided"
    """The order ended while the outcome of a payment was unknown; money captured later is refunded."""


@dataclass(frozen=True, slots=True)
class Returned:
    """Units of a paid line that are refunded."""

    line: Bought
    quantity: int


class LineKind(Protocol):
    """A kind of line. Carts and orders call these methods, and depend on nothing else of a kind."""

    @property
    def name(self) -> str:
        """The name in the API and in stored rows."""

    @property
    def reference(self) -> str:
        """The column, and the field of a line in the API, that refers to the offer; one of `REFERENCES`."""

    @property
    def selection_errors(self) -> Sequence[type[DomainError]]:
        """The errors that `choose` raises."""

    @property
    def sale_errors(self) -> Sequence[type[DomainError]]:
        """The errors that an offer's `must_be_sold` raises."""

    def select(self, body: NewCartItem, /) -> Selection | None:
        """Return the selection of a request; None if it is of another kind."""

    async def choose(
        self, tx: Transaction, selection: Selection, *, offer_ids: Sequence[UUID], currency: str
    ) -> tuple[UUID, Mapping[UUID, Offer]]:
        """Return the id of the selected offer, and the offers with this id and with `offer_ids`."""

    async def offers(self, tx: Transaction, offer_ids: Sequence[UUID], *, currency: str) -> Mapping[UUID, Offer]:
        """Return an offer for each id; without a price if it is not sold in this currency."""

    async def most_units(self, tx: Transaction, offer_ids: Sequence[UUID], *, user_id: UUID) -> Mapping[UUID, int]:
        """Return the number of units that an account may still buy, for offers with a limit."""

    async def obstacles(
        self, tx: Transaction, wanted: Sequence[Wanted], offers: Mapping[UUID, Any], *, user_id: UUID | None
    ) -> Mapping[UUID, DomainError]:
        """Return the error that an order of each request would have now, by id of the offer; `offers` are theirs.

        Requests that can be ordered are left out. Whether a person may participate in raffles is checked by `quote`.
        """

    async def describe(self, tx: Transaction, wanted: Sequence[Wanted]) -> list[QuotedLine]:
        """Return lines for the offers that are for sale, available or not; other offers are left out."""

    async def quote(self, tx: Transaction, wanted: Sequence[Wanted], *, buyer: Buyer, currency: str | None) -> Quote:
        """Return the quote for this buyer at this moment; `currency` is None if any currency is accepted.

        Raises:
            ItemUnavailable: an offer is not for sale, or not in this currency.
            DomainError: an error that the kind defines.
        """

    async def must_be_payable(self, tx: Transaction, lines: Sequence[Bought], *, buyer: Buyer) -> None:
        """Raise an error if the buyer may no longer pay for reserved lines."""

    async def fulfil(self, tx: Transaction, order_id: UUID, lines: Sequence[Bought]) -> list[Write]:
        """Return the writes that fulfil an order's reserved lines, now paid; `lines` are all of this kind."""

    async def release(self, tx: Transaction, order_id: UUID, lines: Sequence[Bought], *, ending: Ending) -> list[Write]:
        """Return the writes that release an order's reserved lines; `lines` are all of this kind."""

    def must_be_cancellable(self, tx: Transaction, lines: Sequence[Bought]) -> None:
        """Raise an error if the transaction's principal may not cancel paid lines."""

    async def refund(
        self, tx: Transaction, order_id: UUID, returned: Sequence[Returned], *, cause_id: UUID, restock: bool
    ) -> list[Write]:
        """Return the writes that take back paid units; `restock` makes them available again, if possible."""

    def deferred_to(self, line: Bought) -> tuple[AccountKind, UUID] | None:
        """Return the account that holds a line's income until it is earned; None for income that is earned at once.

        Lines with deferred income are refunded as a whole, at their price; all others by any amount.
        """
