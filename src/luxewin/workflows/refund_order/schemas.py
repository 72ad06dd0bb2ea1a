"""The body of a refund."""

from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from luxewin.kit.http.examples import named_examples
from luxewin.kit.http.fields import Body, MoneyField, Quantity, ShortText


class ReturnedLine(Body):
    """Units of one line of the order."""

    line_id: UUID
    quantity: Quantity


class NewRefund(Body):
    """A refund: an amount, lines, or neither for everything that is left."""

    model_config = ConfigDict(
        json_schema_extra=named_examples(
            {
                "Refund an amount": {"amount": {"amount": 5000, "currency": "USD"}, "reason": "scratched in transit"},
                "Refund a line and take it back into stock": {
                    "lines": [{"line_id": "0199a1b2-7c00-7000-8000-00000000000b", "quantity": 1}],
                    "restock": True,
                    "reason": "changed their mind",
                },
            }
        )
    )

    amount: MoneyField | None = Field(default=None, description="Missing: the price of the lines, or all that is left")
    lines: Annotated[list[ReturnedLine], Field(min_length=1, max_length=100)] | None = Field(
        default=None, description="Missing: no units are named; each line at most once"
    )
    restock: bool = Field(default=False, strict=True, description="Put the returned units back into stock")
    reason: ShortText
