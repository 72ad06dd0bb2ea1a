"""Callers and permissions, as routes declare them."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """The role of a caller within a tenant; a super admin has it in every tenant of the installation."""

    ANONYMOUS = "anonymous"
    CUSTOMER = "customer"
    VENDOR = "vendor"
    ADMIN = "admin"
    SUPER_ADMIN = "super_admin"


STAFF = frozenset({Role.ADMIN, Role.SUPER_ADMIN})
"""The roles that administer a tenant."""


@dataclass(frozen=True, slots=True)
class Permission:
    """The right to call an operation: a stable name and the roles that hold it."""

    name: str
    roles: frozenset[Role]

    def held_by(self, role: Role) -> bool:
        """Return whether a caller of this role may call the operation; a super admin always may."""
        return role is Role.SUPER_ADMIN or role in self.roles


def everyone(name: str) -> Permission:
    """A permission that needs no account; what is read is public, or protected by a secret of its own."""
    return Permission(name, frozenset(Role))


def signed_in(name: str) -> Permission:
    """A permission of every account over its own objects."""
    return Permission(name, frozenset(Role) - {Role.ANONYMOUS})


def sellers(name: str) -> Permission:
    """A permission of sellers over their own objects, and of staff."""
    return Permission(name, frozenset({Role.VENDOR, Role.ADMIN}))


def staff(name: str) -> Permission:
    """A permission of a tenant's staff."""
    return Permission(name, frozenset({Role.ADMIN}))


def installation(name: str) -> Permission:
    """A permission of the installation's super admins only."""
    return Permission(name, frozenset())


@dataclass(frozen=True, slots=True)
class Principal:
    """The authenticated caller; `tenant_id` is the tenant of the account."""

    role: Role
    user_id: UUID | None = None
    session_id: UUID | None = None
    tenant_id: UUID | None = None

    @property
    def is_staff(self) -> bool:
        """Whether the caller administers the tenant."""
        return self.role in STAFF

    @property
    def name(self) -> str:
        """A stable label for audit entries and idempotency scopes."""
        return f"user:{self.user_id}" if self.user_id else "anonymous"


ANONYMOUS = Principal(Role.ANONYMOUS)
SYSTEM = Principal(Role.SUPER_ADMIN)
"""The installation itself: jobs, seeds and commands; audit entries name it `system`."""
