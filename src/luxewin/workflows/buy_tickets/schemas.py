"""The bodies and views of buying tickets."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import ConfigDict, Field, JsonValue

from luxewin.kit.http.examples import named_examples
from luxewin.kit.http.fields import Body, MoneyField, OptionalText, Quantity, View
from luxewin.modules.raffles.public import TICKET, OwnTicket, Purchase, PurchaseStatus, TicketView
from luxewin.workflows.pay_order.schemas import PaymentMeans

_PURCHASE: dict[str, JsonValue] = {
    "id": "0199a1b2-7c00-7000-8000-000000000032",
    "raffle_id": "0199a1b2-7c00-7000-8000-000000000031",
    "order_id": "0199a1b2-7c00-7000-8000-00000000000a",
    "quantity": 1,
    "amount": {"amount": 500, "currency": "USD"},
    "status": "paid",
    "tickets": [TICKET],
    "created_at": "2026-11-20T12:00:00Z",
}
_UNKNOWN = "unknown"


class NewPurchase(Body):
    """A number of tickets of a raffle, and how to pay for them."""

    model_config = ConfigDict(
        json_schema_extra=named_examples(
            {
                "Buy a ticket and pay": {"quantity": 1, "payment": {"gateway": "simulator", "token": "tok_visa"}},
                "Answer the question and pay later": {"quantity": 5, "skill_answer": "42"},
            }
        )
    )

    quantity: Quantity
    payment: PaymentMeans | None = Field(default=None, description="Default: none; the tickets await their payment")
    skill_answer: OptionalText | None = Field(default=None, description="Required if the raffle asks a question")


class PurchaseView(View):
    """A purchase of tickets: a line of its order, with numbers once it is paid."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PURCHASE]})

    id: UUID
    raffle_id: UUID
    order_id: UUID | None
    quantity: int
    amount: MoneyField
    status: str = Field(description="pending, unknown (its payment resolves by itself), paid, declined, void, refunded")
    tickets: list[TicketView]
    created_at: datetime

    @classmethod
    def of(cls, purchase: Purchase, tickets: Sequence[OwnTicket], *, payment_status: str | None) -> Self:
        """Present a purchase; it is `unknown` if its order's payment is."""
        is_unknown = purchase.status is PurchaseStatus.PENDING and payment_status == _UNKNOWN
        return cls(
            id=purchase.id,
            raffle_id=purchase.raffle_id,
            order_id=purchase.order_id,
            quantity=purchase.quantity,
            amount=MoneyField.of(purchase.amount),
            status=_UNKNOWN if is_unknown else purchase.status,
            tickets=[TicketView.of(ticket) for ticket in tickets],
            created_at=purchase.created_at,
        )
