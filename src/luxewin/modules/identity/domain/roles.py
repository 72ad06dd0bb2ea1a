"""The roles of accounts, and the permissions that depend on them."""

from enum import StrEnum

from luxewin.kit.access import ADMIN_ROLE, ANONYMOUS_ROLE, SUPER_ADMIN_ROLE, Permission


class Role(StrEnum):
    """The role of a caller within a tenant; a super admin has it in every tenant of the installation."""

    ANONYMOUS = ANONYMOUS_ROLE
    CUSTOMER = "customer"
    VENDOR = "vendor"
    ADMIN = ADMIN_ROLE
    SUPER_ADMIN = SUPER_ADMIN_ROLE


def sellers(name: str) -> Permission:
    """Return a permission of vendors over their own objects, and of staff."""
    return Permission(name, frozenset({Role.VENDOR, Role.ADMIN}))
