"""Bodies and views of identity. Passwords are `SecretStr`, so that no log and no repr contains one."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, JsonValue, SecretStr, StringConstraints

from luxewin.kit.http.examples import named_examples
from luxewin.kit.http.fields import Body, ShortText, View
from luxewin.kit.http.read_only import Replacement
from luxewin.modules.identity.domain.accounts import User, UserChange, UserStatus
from luxewin.modules.identity.domain.emails import LONGEST_EMAIL, EmailAddress
from luxewin.modules.identity.domain.passwords import LONGEST_PASSWORD, SHORTEST_PASSWORD
from luxewin.modules.identity.domain.roles import Role
from luxewin.modules.identity.domain.sessions import SecurityEvent, SecurityEventKind, Session

_USER: dict[str, JsonValue] = {
    "id": "0199a1b2-0000-7000-8000-000000000000",
    "name": "Ada Byron",
    "email": "ada@example.com",
    "role": "customer",
    "status": "active",
    "created_at": "2026-01-01T00:00:00Z",
    "version": 1,
}
_SESSION: dict[str, JsonValue] = {
    "id": "0199a1b2-0000-7000-8000-000000000001",
    "address": "203.0.113.7",
    "user_agent": "Mozilla/5.0",
    "created_at": "2026-01-01T00:00:00Z",
    "last_used_at": "2026-01-02T00:00:00Z",
    "expires_at": "2026-04-01T00:00:00Z",
    "current": True,
}


def _address(text: str) -> str:
    return EmailAddress.parse(text).address


Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=3, max_length=LONGEST_EMAIL),
    AfterValidator(_address),
    Field(json_schema_extra={"format": "email"}),
]
NewPassword = Annotated[
    SecretStr,
    Field(
        min_length=SHORTEST_PASSWORD,
        max_length=LONGEST_PASSWORD,
        description="8 to 256 characters of any kind; common passwords are refused",
    ),
]
GivenPassword = Annotated[SecretStr, Field(min_length=1, max_length=LONGEST_PASSWORD)]
RefreshToken = Annotated[SecretStr, Field(min_length=1, max_length=200)]


GrantableRole = Literal[Role.CUSTOMER, Role.VENDOR, Role.ADMIN, Role.SUPER_ADMIN]
SettableStatus = Literal[UserStatus.ACTIVE, UserStatus.SUSPENDED]


class NewUser(Body):
    """A new account; the default role is customer."""

    model_config = ConfigDict(
        json_schema_extra=named_examples(
            {
                "Register as a customer": {
                    "name": "Ada Byron",
                    "email": "ada@example.com",
                    "password": "a long walk by the sea",
                },
                "Add an administrator as staff": {
                    "name": "Sam",
                    "email": "sam@example.com",
                    "password": "a long walk by the sea",
                    "role": "admin",
                },
            }
        )
    )

    name: ShortText
    email: Email
    password: NewPassword
    role: GrantableRole = Role.CUSTOMER


class UserPut(Replacement):
    """Changes to an account; omitted fields stay as they are."""

    model_config = ConfigDict(
        json_schema_extra=named_examples(
            {
                "Change the name": {"name": "Ada Lovelace"},
                "Change your own email address": {
                    "email": "ada@example.org",
                    "current_password": "a long walk by the sea",
                },
                "Change role and status as staff": {"role": "vendor", "status": "active"},
            }
        )
    )

    read_only: ClassVar[frozenset[str]] = frozenset({"id", "created_at", "version"})
    name: ShortText | None = None
    email: Email | None = None
    current_password: Annotated[
        GivenPassword | None, Field(description="Required to change your own email address")
    ] = None
    role: Annotated[GrantableRole | None, Field(description="Staff only, and never your own")] = None
    status: Annotated[SettableStatus | None, Field(description="Staff only, and never your own")] = None

    def changes(self) -> UserChange:
        """Return the change for the domain."""
        return UserChange(name=self.name, email=self.email, role=self.role, status=self.status)


class PasswordPut(Body):
    """A new password and the current one."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"current_password": "a long walk by the sea", "new_password": "nine owls in the attic"}]
        }
    )

    current_password: GivenPassword
    new_password: NewPassword


class Refreshing(Body):
    """A refresh token to exchange for new tokens."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"refresh_token": "Zk3n0aVtY2b1Q8mJr5xw4sHcD7uLpE6gTfNqXvI9oBA"}]}
    )

    refresh_token: RefreshToken


class UserView(View):
    """An account."""

    model_config = ConfigDict(json_schema_extra={"examples": [_USER]})

    id: UUID
    name: str
    email: str
    role: Role
    status: UserStatus
    created_at: datetime
    version: int

    @classmethod
    def of(cls, user: User) -> Self:
        """Return the view of an account."""
        return cls.model_validate(user)


class TokensView(View):
    """An account with an access token and a refresh token; the refresh token can be used once."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "user": _USER,
                    "access_token": "eyJhbGciOiJFZERTQSIsImtpZCI6IjFhIiwidHlwIjoiYXQrand0In0.e30.c2ln",
                    "refresh_token": "Zk3n0aVtY2b1Q8mJr5xw4sHcD7uLpE6gTfNqXvI9oBA",
                    "token_type": "Bearer",
                    "expires_in": 900,
                }
            ]
        }
    )

    user: UserView
    access_token: str
    refresh_token: str
    token_type: Literal["Bearer"] = "Bearer"
    expires_in: int = Field(description="Seconds until the access token expires")


class SessionView(View):
    """A session on one device."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SESSION]})

    id: UUID
    address: str
    user_agent: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    current: bool = Field(description="Whether it is the session of this request")

    @classmethod
    def of(cls, session: Session, *, current_id: UUID | None) -> Self:
        """Return the view of a session."""
        return cls(
            id=session.id,
            address=session.device.address,
            user_agent=session.device.user_agent,
            created_at=session.created_at,
            last_used_at=session.last_used_at,
            expires_at=session.expires_at,
            current=session.id == current_id,
        )


class SecurityEventView(View):
    """An event that concerns the security of an account."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "0199a1b2-0000-7000-8000-000000000002",
                    "kind": "new_device",
                    "at": "2026-01-02T00:00:00Z",
                    "address": "203.0.113.7",
                    "user_agent": "Mozilla/5.0",
                }
            ]
        }
    )

    id: UUID
    kind: SecurityEventKind
    at: datetime
    address: str
    user_agent: str

    @classmethod
    def of(cls, event: SecurityEvent) -> Self:
        """Return the view of an event."""
        return cls(
            id=event.id,
            kind=event.kind,
            at=event.at,
            address=event.device.address,
            user_agent=event.device.user_agent,
        )


class KeyView(View):
    """A public key as a JSON Web Key (RFC 8037)."""

    kty: str
    crv: str
    use: str
    alg: str
    kid: str
    x: str


class KeySetView(View):
    """The public keys that verify access tokens."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "keys": [
                        {
                            "kty": "OKP",
                            "crv": "Ed25519",
                            "use": "sig",
                            "alg": "EdDSA",
                            "kid": "Vj3xkq0y8mT1sB5c",
                            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
                        }
                    ]
                }
            ]
        }
    )

    keys: list[KeyView]
