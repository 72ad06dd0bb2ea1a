"""What an account is, and who may do what to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from luxewin.kit.access import Role

_CUSTOMERS_ONLY = frozenset({Role.CUSTOMER})
_OF_A_TENANT = frozenset({Role.CUSTOMER, Role.VENDOR, Role.ADMIN})
_GRANTABLE: Mapping[Role, frozenset[Role]] = {
    Role.ADMIN: _OF_A_TENANT,
    Role.SUPER_ADMIN: _OF_A_TENANT | {Role.SUPER_ADMIN},
}


class UserStatus(StrEnum):
    """A suspended account cannot be entered until staff say otherwise; a deleted one never, and its name is gone."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """An account of one tenant, or of the platform where it is a super admin's."""

    id: UUID
    name: str
    email: str
    role: Role
    status: UserStatus
    created_at: datetime
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UserChange:
    """What to change of an account; None leaves a value as it is."""

    name: str | None = None
    email: str | None = None
    role: Role | None = None
    status: UserStatus | None = None


def may_grant(granter: Role, role: Role) -> bool:
    """Tell whether somebody of one role may give another: staff up to their own, everybody else a customer's."""
    return role in _GRANTABLE.get(granter, _CUSTOMERS_ONLY)


def erased_email(user_id: UUID) -> str:
    """Return what stands in place of a deleted account's address: unique, and nobody's."""
    return f"{user_id}@deleted.invalid"


ERASED_NAME = "Deleted user"
