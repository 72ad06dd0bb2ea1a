"""Request and response bodies for tickets and free entries."""

from typing import Self
from uuid import UUID

from pydantic import ConfigDict, JsonValue

from luxewin.kit.http.fields import Body, Quantity, ShortText, View
from luxewin.modules.raffles.domain.tickets import OwnTicket, Purchase
from luxewin.modules.raffles.schemas.raffles import RAFFLE_ID

ENTRANT_ID = "0199a1b2-7c00-7000-8000-000000000022"
_ENTRY_ID = "0199a1b2-7c00-7000-8000-000000000033"
TICKET: dict[str, JsonValue] = {
    "number": 121,
    "commit": "5f1b1c4f6f5f6a7d8e9f0a1b2c3d4e5f60718293a4b5c6d7e8f9a0b1c2d3e4f5",
    "salt": "0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9",
    "status": "valid",
}


class TicketView(View):
    """A ticket as only its holder sees it; keep the salt, which proves that its commitment is yours."""

    model_config = ConfigDict(json_schema_extra={"examples": [TICKET]})

    number: int
    commit: str
    salt: str
    status: str

    @classmethod
    def of(cls, ticket: OwnTicket) -> Self:
        """Return the response for a ticket."""
        status = "valid" if ticket.is_valid else "void"
        return cls(number=ticket.number, commit=ticket.commit.hex(), salt=ticket.salt.hex(), status=status)


class TicketsView(View):
    """A page of an entrant's tickets of a raffle, sorted by number; `next_cursor` is null on the last one."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"raffle_id": RAFFLE_ID, "data": [TICKET], "next_cursor": None}]}
    )

    raffle_id: UUID
    data: list[TicketView]
    next_cursor: str | None = None


class FreeEntryBody(Body):
    """A free entry that arrived by post; `reference` is the place where the letter is filed."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"entrant_id": ENTRANT_ID, "quantity": 1, "reference": "post 2026-11-20/7"}]}
    )

    entrant_id: UUID
    quantity: Quantity
    reference: ShortText


class FreeEntryView(View):
    """A free entry: a purchase with a price of 0."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"id": _ENTRY_ID, "raffle_id": RAFFLE_ID, "entrant_id": ENTRANT_ID, "quantity": 1, "numbers": [122]}
            ]
        }
    )

    id: UUID
    raffle_id: UUID
    entrant_id: UUID
    quantity: int
    numbers: list[int]

    @classmethod
    def of(cls, purchase: Purchase) -> Self:
        """Return the response for a free entry."""
        return cls(
            id=purchase.id,
            raffle_id=purchase.raffle_id,
            entrant_id=purchase.entrant_id,
            quantity=purchase.quantity,
            numbers=list(purchase.numbers),
        )
