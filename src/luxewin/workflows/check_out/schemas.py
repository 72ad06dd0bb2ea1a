"""The request body of checking out."""

from typing import Annotated

from pydantic import ConfigDict, Field, JsonValue

from luxewin.kit.http.examples import named_examples
from luxewin.kit.http.fields import AddressField, Body, Email, MoneyField, ShortText
from luxewin.modules.cart.public import CheckoutDetails, Note
from luxewin.modules.line_kinds.public import NewCartItem
from luxewin.workflows.pay_order.schemas import PaymentMeans

MOST_ITEMS = 100
_ADDRESS: JsonValue = {
    "name": "Ada Byron",
    "line1": "12 St James's Square",
    "city": "London",
    "postal_code": "SW1Y 4JH",
    "country": "GB",
}


class NewOrder(Body):
    """An order of everything in the caller's cart, or of `items`."""

    model_config = ConfigDict(
        json_schema_extra=named_examples(
            {
                "Order the cart and pay": {
                    "shipping_address": _ADDRESS,
                    "payment": {"gateway": "simulator", "token": "tok_visa"},
                },
                "Order as a guest and pay later": {"email": "guest@example.com", "shipping_address": _ADDRESS},
                "Order what is not shipped": {"payment": {"gateway": "simulator", "token": "tok_visa"}},
                "Order items at the total shown": {
                    "items": [{"variant_id": "0199a1b2-7c00-7000-8000-00000000000c", "quantity": 2}],
                    "shipping_address": _ADDRESS,
                    "expected_total": {"amount": 130790, "currency": "USD"},
                },
            }
        )
    )

    items: Annotated[list[NewCartItem], Field(min_length=1, max_length=MOST_ITEMS)] | None = Field(
        default=None, description="What to order instead of the cart, which then stays as it is"
    )
    shipping_address: AddressField | None = Field(default=None, description="Required if anything is shipped")
    billing_address: AddressField | None = Field(default=None, description="Default: the shipping address")
    shipping_method: ShortText | None = Field(default=None, description="Default: the cheapest that serves the address")
    payment: PaymentMeans | None = Field(default=None, description="Default: none; the order awaits its payment")
    email: Email | None = Field(default=None, description="The address for a guest's receipt")
    note: Note | None = Field(default=None, description="A note of the buyer for the shop")
    expected_total: MoneyField | None = Field(
        default=None, description="The total that the buyer has seen; an order of another total is refused"
    )

    @property
    def details(self) -> CheckoutDetails:
        """The details of the order; those that are None come from the cart."""
        return CheckoutDetails(
            shipping_address=self.shipping_address.plain() if self.shipping_address else None,
            billing_address=self.billing_address.plain() if self.billing_address else None,
            shipping_method=self.shipping_method,
            email=self.email,
            note=self.note,
        )
