"""Domain events of accounts.

No event contains a name or an address: the event log is permanent, and accounts can be deleted.
"""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from luxewin.kit.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRegistered(DomainEvent):
    """An account was created."""

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
    """The password of an account was changed; its other sessions have ended."""

    type: ClassVar[str] = "identity.password_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class UserDeleted(DomainEvent):
    """An account was deleted, and its name and address were removed."""

    type: ClassVar[str] = "identity.user_deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDeviceLoggedIn(DomainEvent):
    """A login from a device that the account had not used before; the aggregate is the session."""

    type: ClassVar[str] = "identity.new_device_logged_in"

    user_id: UUID
