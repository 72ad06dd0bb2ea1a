"""What has happened to accounts.

No name and no address stands in a fact: the event log is for good, and people may leave.
"""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from luxewin.kit.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRegistered(DomainEvent):
    """An account was made."""

    type: ClassVar[str] = "identity.user_registered"

    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UserChanged(DomainEvent):
    """An account's name, address, role or status changed; `changed` names which."""

    type: ClassVar[str] = "identity.user_changed"

    changed: tuple[str, ...]
    role: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChanged(DomainEvent):
    """An account has a new password; its other sessions have ended."""

    type: ClassVar[str] = "identity.password_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class UserDeleted(DomainEvent):
    """An account was closed and its name and address were removed."""

    type: ClassVar[str] = "identity.user_deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDeviceLoggedIn(DomainEvent):
    """Somebody logged in from a device that the account had not been used from; the aggregate is the session."""

    type: ClassVar[str] = "identity.new_device_logged_in"

    user_id: UUID
