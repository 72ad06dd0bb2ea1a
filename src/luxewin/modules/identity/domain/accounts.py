"""Accounts, their roles and states, and the rules for granting roles."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from luxewin.modules.identity.domain.roles import Role

_CUSTOMERS_ONLY = frozenset({Role.CUSTOMER})
_TENANT_ROLES = frozenset({Role.CUSTOMER, Role.VENDOR, Role.ADMIN})
_GRANTABLE: Mapping[str, frozenset[Role]] = {
    Role.ADMIN: _TENANT_ROLES,
    Role.SUPER_ADMIN: _TENANT_ROLES | {Role.SUPER_ADMIN},
}


class UserStatus(StrEnum):
    """The state of an account. Nobody can log in to a suspended or deleted one; staff can lift a suspension."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """An account of one tenant, or of the platform for super admins."""

    id: UUID
    name: str
    email: str
    role: Role
    status: UserStatus
    created_at: datetime
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UserChange:
    """Changes to an account; None leaves a value as it is."""

    name: str | None = None
    email: str | None = None
    role: Role | None = None
    status: UserStatus | None = None


def may_grant(granter: str, role: Role) -> bool:
    """Return whether one role may grant another: staff up to their own, all others only customer."""
    return role in _GRANTABLE.get(granter, _CUSTOMERS_ONLY)


def erased_email(user_id: UUID) -> str:
    """Return the address of a deleted account: unique, and in a domain that does not exist."""
    return f"{user_id}@deleted.invalid"


ERASED_NAME = "Deleted user"
