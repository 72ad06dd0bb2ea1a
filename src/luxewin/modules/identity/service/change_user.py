"""Read, change and delete accounts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.identity.domain.accounts import User, UserChange, UserStatus, may_grant
from luxewin.modules.identity.domain.emails import EmailAddress, email_key
from luxewin.modules.identity.domain.roles import Role
from luxewin.modules.identity.domain.sessions import Device, SecurityEventKind, SessionEnd
from luxewin.modules.identity.errors import (
    LastSuperAdmin,
    ReauthenticationFailed,
    RoleNotGrantable,
    UserUnknown,
)
from luxewin.modules.identity.events import PasswordChanged, UserChanged, UserDeleted
from luxewin.modules.identity.repository import failures, security_events, sessions, users
from luxewin.modules.identity.repository.users import Credentials
from luxewin.modules.identity.service.log_in import lock_if_unchanged
from luxewin.modules.identity.service.sessions import end_sessions


async def find_user(tx: Transaction, user_id: UUID) -> User | None:
    """Return an account of the transaction's tenant, unless it was deleted."""
    return await users.find(tx, user_id)


async def find_users(tx: Transaction, user_ids: Sequence[UUID]) -> dict[UUID, User]:
    """Return the accounts with these ids, by id, without deleted ones."""
    return {user.id: user for user in await users.find_all(tx, user_ids)}


async def find_user_by_email(tx: Transaction, email: str) -> User | None:
    """Return the tenant's account with this address, whatever its spelling."""
    found = await users.page(tx, role=None, email_key=email_key(email), before=None, limit=1)
    return found[0] if found else None


async def visible_user(tx: Transaction, user_id: UUID) -> User:
    """Return an account that the caller may see: their own, or any of the tenant for its staff.

    Raises:
        UserUnknown: the account does not exist, or the caller may not see it.
    """
    if not tx.principal.is_staff and user_id != tx.principal.user_id:
        raise UserUnknown
    user = await users.find(tx, user_id)
    if user is None:
        raise UserUnknown
    return user


async def list_users(
    tx: Transaction,
    *,
    role: Role | None,
    email: str | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[User]:
    """Return a page of the tenant's accounts, newest first, older than `before`."""
    key = None if email is None else email_key(email)
    return await users.page(tx, role=role, email_key=key, before=before, limit=limit)


async def credentials_of(tx: Transaction, user_id: UUID) -> Credentials:
    """Return an account with its credentials.

    Raises:
        UserUnknown: the account does not exist.
    """
    account = await users.credentials_of(tx, user_id)
    if account is None:
        raise UserUnknown
    return account


async def change_user(tx: Transaction, user: User, changes: UserChange, *, reauthenticated: bool) -> User:
    """Change an account that was read in this transaction; a suspension ends its sessions.

    Raises:
        RoleNotGrantable: the caller may not grant this role or status, or it is their own.
        ReauthenticationFailed: the caller changes their own address without having sent their password.
        LastSuperAdmin: the installation would have no active super admin.
        EmailTaken: another account has the address.
        UserChangedMeanwhile: another transaction changed the account first.
    """
    after = replace(
        user,
        name=user.name if changes.name is None else changes.name,
        email=user.email if changes.email is None else changes.email,
        role=user.role if changes.role is None else changes.role,
        status=user.status if changes.status is None else changes.status,
        version=user.version + 1,
    )
    changed = tuple(
        field for field in ("name", "email", "role", "status") if getattr(after, field) != getattr(user, field)
    )
    if not changed:
        return user
    if {"role", "status"} & set(changed):
        await _check_may_grant(tx, user, after)
    if "email" in changed and user.id == tx.principal.user_id and not reauthenticated:
        raise ReauthenticationFailed
    if after.status is not UserStatus.ACTIVE:
        await users.lock_credentials(tx, user.id)  # a login in progress commits first, and its session ends too
        await end_sessions(tx, user_id=user.id, because=SessionEnd.REVOKED)
    tx.publish(
        UserChanged(
            aggregate_id=user.id,
            aggregate_version=after.version,
            changed=changed,
            role=after.role,
            status=after.status,
        )
    )
    if tx.principal.is_staff:
        tx.audit(
            "identity.user_changed",
            target=user.id,
            before=_role_and_status(user),
            after={**_role_and_status(after), "changed": changed},
        )
    await users.change(tx, user, after, EmailAddress.parse(after.email))
    return after


async def change_password(tx: Transaction, account: Credentials, *, password_hash: str, device: Device) -> None:
    """Change the password of an account whose current password was right, and end its other sessions.

    Raises:
        ReauthenticationFailed: the account is locked, or its password has changed since it was checked.
    """
    current = await lock_if_unchanged(tx, account, device=device)
    if current is None:
        raise ReauthenticationFailed
    user = current.user
    await end_sessions(tx, user_id=user.id, because=SessionEnd.PASSWORD_CHANGED, except_for=tx.principal.session_id)
    tx.write(
        *users.set_password(tx, user, password_hash),
        failures.clear(tx, email_key(user.email), failures.network(device.address)),
        security_events.add(tx, user_id=user.id, kind=SecurityEventKind.PASSWORD_CHANGED, device=device),
    )
    tx.publish(PasswordChanged(aggregate_id=user.id, aggregate_version=user.version + 1))


async def delete_user(tx: Transaction, user: User) -> None:
    """Delete an account that was read in this transaction: end its sessions, remove its name, address and devices.

    Orders and audit entries still refer to its id, which holds no personal data.

    Raises:
        RoleNotGrantable: the account has a role that the caller may not grant.
        LastSuperAdmin: the installation would have no active super admin.
        UserChangedMeanwhile: another transaction changed the account first.
    """
    if user.id != tx.principal.user_id and not may_grant(tx.principal.role, user.role):
        raise RoleNotGrantable
    await users.lock_credentials(tx, user.id)
    if user.role is Role.SUPER_ADMIN:
        await _check_super_admin_remains(tx, user)
    await end_sessions(tx, user_id=user.id, because=SessionEnd.ACCOUNT_CLOSED)
    tx.write(
        *users.erase(tx, user),
        failures.clear_all(tx, email_key(user.email)),
        security_events.erase(tx, user_id=user.id),
    )
    tx.publish(UserDeleted(aggregate_id=user.id, aggregate_version=user.version + 1))
    tx.audit("identity.user_deleted", target=user.id, before=_role_and_status(user))
    await tx.flush()
    tx.write(sessions.erase_devices(tx, user_id=user.id))


async def _check_may_grant(tx: Transaction, user: User, after: User) -> None:
    granter = tx.principal
    is_super_admin = Role.SUPER_ADMIN in {user.role, after.role}
    if user.id == granter.user_id or not granter.is_staff:
        raise RoleNotGrantable
    if not (may_grant(granter.role, user.role) and may_grant(granter.role, after.role)):
        raise RoleNotGrantable
    if is_super_admin and user.role is not after.role:
        raise RoleNotGrantable("The role of a super admin cannot be changed; create a super admin with POST /users")
    if is_super_admin and after.status is not UserStatus.ACTIVE:
        await _check_super_admin_remains(tx, user)


async def _check_super_admin_remains(tx: Transaction, user: User) -> None:
    if not await users.lock_super_admins(tx) - {user.id}:
        raise LastSuperAdmin


def _role_and_status(user: User) -> dict[str, str]:
    return {"role": user.role, "status": user.status}
