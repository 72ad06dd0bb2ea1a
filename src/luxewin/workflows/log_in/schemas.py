"""The bodies of registering and logging in."""

from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from luxewin.kit.http.fields import Body, ShortText
from luxewin.kit.http.patterns import Pattern
from luxewin.modules.identity.public import Email, GivenPassword, NewPassword

_LONGEST_EMAIL = 254


class Registration(Body):
    """A new customer's account."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "Ada Byron", "email": "ada@example.com", "password": "a long walk by the sea"}]
        }
    )

    name: ShortText
    email: Email
    password: NewPassword


MfaCode = Annotated[str, Pattern(r"^[0-9A-Za-z-]{6,20}$", "must be 6 to 20 letters, digits and hyphens")]


class Login(Body):
    """An e-mail address and a password; a malformed address is treated like an unknown one."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"email": "ada@example.com", "password": "a long walk by the sea"}]}
    )

    email: Annotated[str, StringConstraints(min_length=1, max_length=_LONGEST_EMAIL)]
    password: GivenPassword
    mfa_code: MfaCode | None = Field(
        default=None, description="For accounts with a second factor; there are none yet, so it is ignored"
    )
