"""Tickets of a raffle in a cart."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from luxewin.kit.http.fields import View
from luxewin.kit.money import Money
from luxewin.kit.transaction import Transaction
from luxewin.modules.line_kinds.errors import NOT_FOR_SALE, TicketsNotSold
from luxewin.modules.line_kinds.kinds.protocol import Wanted
from luxewin.modules.line_kinds.schemas import CartRaffleView
from luxewin.modules.raffles import public as raffles
from luxewin.modules.raffles.public import Raffle, TicketRequest


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
    def obstacle(self) -> str:
        """Why the raffle sells no tickets."""
        return NOT_FOR_SALE

    @property
    def dispatch(self) -> None:
        """None: tickets are neither shipped nor taxed."""

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
