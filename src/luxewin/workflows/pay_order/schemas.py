"""The bodies of paying."""

from typing import Annotated

from pydantic import ConfigDict, Field

from luxewin.kit.http.fields import Body, ShortText
from luxewin.kit.http.patterns import Pattern


class PaymentMeans(Body):
    """A payment method: a gateway, and the token that the gateway's form returned to the buyer's browser."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"gateway": "simulator", "token": "tok_visa"}]})

    gateway: ShortText = Field(description="A gateway that this tenant offers")
    token: Annotated[
        str,
        Pattern(
            r"^[A-Za-z0-9_\-]{3,255}$", "must be a token of the payment gateway: 3 to 255 letters, digits, _ and -"
        ),
    ]


class Confirmation(Body):
    """The buyer's decision."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"approve": True}]})

    approve: bool = Field(strict=True, description="False if the buyer rejects the payment")
