"""A third kind of line, for tests: boxes that are sold by subscription, and stored in no table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from luxewin.kit.errors import Conflict, DomainError
from luxewin.kit.http.fields import View
from luxewin.kit.ids import new_id
from luxewin.kit.money import Money
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write
from luxewin.modules.ledger.public import AccountKind
from luxewin.modules.line_kinds.public import (
    Bought,
    Buyer,
    Ending,
    NewCartItem,
    QuotedLine,
    Returned,
    Selection,
    Wanted,
)

PRICE = 2_000


class TooManyBoxes(Conflict):
    """A cart holds at most ten boxes."""


@dataclass(frozen=True, slots=True)
class BoxOffer:
    """A box; it is always for sale."""

    unit_price: Money | None
    dispatch: None = None

    def fields(self) -> Mapping[str, View | None]:
        return {}

    async def must_be_sold(self, _tx: Transaction, wanted: Wanted) -> None:
        if wanted.quantity > 10:
            raise TooManyBoxes


@dataclass(frozen=True, slots=True)
class BoxQuote:
    """An offer of boxes."""

    lines: Sequence[QuotedLine]
    boxes: "Boxes"

    def reserve(self, _tx: Transaction, *, order_id: UUID, until: datetime | None) -> list[Write]:
        assert until is not None
        self.boxes.steps[order_id] = ["reserve"]
        return []


@dataclass(slots=True)
class Boxes:
    """The line kind `subscription`; `steps` are the names of the methods that were called for each order."""

    ids: frozenset[UUID] = field(default_factory=lambda: frozenset({new_id()}))
    steps: dict[UUID, list[str]] = field(default_factory=dict)
    name: str = "subscription"
    reference: str = "variant_id"
    selection_errors: Sequence[type[DomainError]] = ()
    sale_errors: Sequence[type[DomainError]] = (TooManyBoxes,)

    def select(self, body: NewCartItem) -> Selection | None:
        return Selection(self.name, offer_id=body.variant_id) if body.variant_id in self.ids else None

    async def choose(
        self, tx: Transaction, selection: Selection, *, offer_ids: Sequence[UUID], currency: str
    ) -> tuple[UUID, Mapping[UUID, BoxOffer]]:
        assert selection.offer_id is not None
        return selection.offer_id, await self.offers(tx, [*offer_ids, selection.offer_id], currency=currency)

    async def offers(self, _tx: Transaction, offer_ids: Sequence[UUID], *, currency: str) -> Mapping[UUID, BoxOffer]:
        return {id: BoxOffer(Money(PRICE, currency)) for id in offer_ids}

    async def most_units(self, _tx: Transaction, offer_ids: Sequence[UUID], *, user_id: UUID) -> Mapping[UUID, int]:
        del user_id
        return dict.fromkeys(offer_ids, 10)

    async def obstacles(
        self, _tx: Transaction, wanted: Sequence[Wanted], offers: Mapping[UUID, BoxOffer], *, user_id: UUID | None
    ) -> Mapping[UUID, DomainError]:
        del wanted, offers, user_id
        return {}

    async def describe(self, _tx: Transaction, wanted: Sequence[Wanted]) -> list[QuotedLine]:
        return [
            QuotedLine(
                id=new_id(),
                kind=self.name,
                offer_id=item.offer_id,
                name="A box each month",
                quantity=item.quantity,
                unit_price=Money(PRICE, "USD"),
                product_id=item.offer_id,
                product_slug="box",
                options={},
            )
            for item in wanted
        ]

    async def quote(self, tx: Transaction, wanted: Sequence[Wanted], *, buyer: Buyer, currency: str | None) -> BoxQuote:
        assert (buyer.user_id is not None, currency) == (True, "USD")
        return BoxQuote(await self.describe(tx, wanted), self)

    async def must_be_payable(self, _tx: Transaction, lines: Sequence[Bought], *, buyer: Buyer) -> None:
        assert lines
        assert buyer.user_id

    async def fulfil(self, _tx: Transaction, order_id: UUID, _lines: Sequence[Bought]) -> list[Write]:
        return self._step(order_id, "fulfil")

    async def release(
        self, _tx: Transaction, order_id: UUID, _lines: Sequence[Bought], *, ending: Ending
    ) -> list[Write]:
        return self._step(order_id, f"release: {ending}")

    def must_be_cancellable(self, tx: Transaction, lines: Sequence[Bought]) -> None:
        pass

    async def refund(
        self, _tx: Transaction, order_id: UUID, returned: Sequence[Returned], *, cause_id: UUID, restock: bool
    ) -> list[Write]:
        del cause_id, restock
        return self._step(order_id, f"refund {[one.quantity for one in returned]}")

    def deferred_to(self, _line: Bought) -> tuple[AccountKind, UUID] | None:
        return None

    def _step(self, order_id: UUID, step: str) -> list[Write]:
        if self.steps[order_id][-1] != step:  # a transaction may be retried
            self.steps[order_id].append(step)
        return []
