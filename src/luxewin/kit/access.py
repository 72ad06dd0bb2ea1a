"""Callers and permissions, as routes declare them.

A role is a name. The kit defines the roles that it enforces itself; `identity` defines all roles of accounts.
"""

from dataclasses import dataclass
from uuid import UUID

ANONYMOUS_ROLE = "anonymous"
"""The role of callers without an account."""

ADMIN_ROLE = "admin"
"""The role that administers one tenant."""

SUPER_ADMIN_ROLE = "super_admin"
"""The role that administers every tenant of the installation, and holds every permission."""

ANY_ACCOUNT = "*"
"""In the roles of a permission: every role of an account."""

STAFF = frozenset({ADMIN_ROLE, SUPER_ADMIN_ROLE})
"""The roles that administer a tenant."""


@dataclass(frozen=True, slots=True)
class Permission:
    """The right to call an operation: a stable name, and the roles that hold it besides super admins."""

    name: str
    roles: frozenset[str]

    def held_by(self, role: str) -> bool:
        """Return whether a caller of this role may call the operation; a super admin always may."""
        if role == SUPER_ADMIN_ROLE or role in self.roles:
            return True
        return ANY_ACCOUNT in self.roles and role != ANONYMOUS_ROLE


def everyone(name: str) -> Permission:
    """Return a permission that needs no account: the data is public, or protected by a secret of its own."""
    return Permission(name, frozenset({ANONYMOUS_ROLE, ANY_ACCOUNT}))


def signed_in(name: str) -> Permission:
    """Return a permission of every account over its own objects."""
    return Permission(name, frozenset({ANY_ACCOUNT}))


def staff(name: str) -> Permission:
    """Return a permission of a tenant's staff."""
    return Permission(name, frozenset({ADMIN_ROLE}))


def installation(name: str) -> Permission:
    """Return a permission of the installation's super admins only."""
    return Permission(name, frozenset())


@dataclass(frozen=True, slots=True)
class Principal:
    """The authenticated caller; `tenant_id` is the tenant of the account."""

    role: str
    user_id: UUID | None = None
    session_id: UUID | None = None
    tenant_id: UUID | None = None

    @property
    def is_staff(self) -> bool:
        """True if the caller administers the tenant."""
        return self.role in STAFF

    @property
    def is_super_admin(self) -> bool:
        """True if the caller administers the installation."""
        return self.role == SUPER_ADMIN_ROLE

    @property
    def name(self) -> str:
        """A stable label for audit entries and idempotency scopes."""
        return f"user:{self.user_id}" if self.user_id else "anonymous"


ANONYMOUS = Principal(ANONYMOUS_ROLE)
SYSTEM = Principal(SUPER_ADMIN_ROLE)
"""The installation itself: jobs, seeds and commands; audit entries name it `system`."""
