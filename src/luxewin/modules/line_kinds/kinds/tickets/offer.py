"""Tickets of a raffle in a cart."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from luxewin.kit.errors import DomainError
from luxewin.kit.http.fields import View
from luxewin.kit.money import Money
from luxewin.kit.text import counted
from luxewin.kit.transaction import Transaction
from luxewin.modules.line_kinds.errors import NOT_FOR_SALE, ItemUnavailable, TicketsNotSold
from luxewin.modules.line_kinds.kinds.protocol import Wanted
from luxewin.modules.line_kinds.schemas import CartRaffleView
from luxewin.modules.raffles import public as raffles
from luxewin.modules.raffles.public import PersonalLimitReached, Raffle, TicketRequest


@dataclass(frozen=True, slots=True)
class TicketsOffer:
    """A raffle, None if it is not public; `is_sold` is true if it sells tickets now, in the cart's currency."""

    raffle_id: UUID
    raffle: Raffle | None
    is_sold: bool

    @property
    def unit_price(self) -> Money | None:
        """The price of a ticket."""
        return self.raffle.terms.ticket_price if self.raffle and self.is_sold else None

    @property
    def dispatch(self) -> None:
        """None: tickets are neither shipped nor taxed."""

    async def obstacle(self, tx: Transaction, wanted: Wanted, *, most: Mapping[UUID, int]) -> DomainError | None:
        """Return the error that an order would have; `most` are the tickets that the account may still buy."""
        request = TicketRequest(self.raffle_id, wanted.quantity, wanted.answer)
        try:
            line = await raffles.quote_ticket_line(tx, request, self.raffle)
        except DomainError as error:
            return error
        if not self.is_sold:
            return ItemUnavailable(NOT_FOR_SALE)
        left = most.get(self.raffle_id, line.limit)
        if wanted.quantity <= left:
            return None
        message = f"You may buy {counted(max(0, left), 'more ticket')} of this raffle, the cart has {wanted.quantity:,}"
        return PersonalLimitReached(message, raffle_id=self.raffle_id, limit=line.limit)

    def fields(self) -> Mapping[str, View | None]:
        """Return the raffle's fields."""
        return {"raffle": CartRaffleView.of(self.raffle, on_sale=self.is_sold) if self.raffle else None}

    async def must_be_sold(self, tx: Transaction, wanted: Wanted) -> None:
        """Check that the raffle sells this number of tickets; a person's limits are checked when the order is placed.

        Raises:
            RaffleUnknown, RaffleNotOpen, RaffleSoldOut, PersonalLimitReached, SkillAnswerWrong: the tickets
                cannot be bought.
            StaffExcluded: staff cannot participate.
            TicketsNotSold: the raffle sells in another currency.
        """
        await raffles.quote_ticket_line(tx, TicketRequest(self.raffle_id, wanted.quantity, wanted.answer), self.raffle)
        if not self.is_sold:
            raise TicketsNotSold
