"""The request body of checking out."""

from pydantic import ConfigDict, EmailStr, Field, JsonValue

from luxewin.kit.http.fields import AddressField, Body, ShortText
from luxewin.workflows.pay_order.schemas import PaymentMeans

_ADDRESS: JsonValue = {
    "name": "Ada Byron",
    "line1": "12 St James's Square",
    "city": "London",
    "postal_code": "SW1Y 4JH",
    "country": "GB",
}


class NewOrder(Body):
    """An order of everything in the caller's cart."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"shipping_address": _ADDRESS, "payment": {"gateway": "simulator", "token": "tok_visa"}},
                {"email": "guest@example.com", "shipping_address": _ADDRESS},
                {"payment": {"gateway": "simulator", "token": "tok_visa"}},
            ]
        }
    )

    shipping_address: AddressField | None = Field(default=None, description="Required unless all items are tickets")
    shipping_method: ShortText | None = Field(default=None, description="Default: the cheapest that serves the address")
    payment: PaymentMeans | None = Field(default=None, description="Default: none; the order awaits its payment")
    email: EmailStr | None = Field(default=None, max_length=254, description="The address for a guest's receipt")
