"""Read, change and close accounts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from luxewin.kit.access import Role
from luxewin.kit.transaction import Transaction
from luxewin.modules.identity.domain.accounts import User, UserChange, UserStatus, may_grant
from luxewin.modules.identity.domain.emails import EmailAddress, email_key
from luxewin.modules.identity.domain.sessions import Device, SecurityEventKind, SessionEnd
from luxewin.modules.identity.errors import (
    LastSuperAdmin,
    ReauthenticationFailed,
    RoleNotGrantable,
    UserUnknown,
)
from luxewin.modules.identity.events import PasswordChanged, UserChanged, UserDeleted
from luxewin.modules.identity.repository import attempts, security_events, sessions, users
from luxewin.modules.identity.repository.users import Credentials
from luxewin.modules.identity.service.keep_sessions import end_sessions
from luxewin.modules.identity.service.log_in import still_proved


async def find_user(tx: Transaction, user_id: UUID) -> User | None:
    """Return an account of the transaction's tenant, unless it was deleted."""
    return await users.find(tx, user_id)


async def find_users(tx: Transaction, user_ids: Sequence[UUID]) -> dict[UUID, User]:
    """Return those of the accounts that exist, by id."""
    return {user.id: user for user in await users.find_all(tx, user_ids)}


async def visible_user(tx: Transaction, user_id: UUID) -> User:
    """Return an account that the caller may see: their own, or any of the tenant for its staff.

    Raises:
        UserUnknown: there is none, or it is not theirs to see.
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
    """Return accounts of the tenant, newest first, from behind `before`."""
    key = None if email is None else email_key(email)
    return await users.page(tx, role=role, email_key=key, before=before, limit=limit)


async def credentials_of(tx: Transaction, user_id: UUID) -> Credentials:
    """Return an account with what proves it.

    Raises:
        UserUnknown: there is none.
    """
    account = await users.credentials_of(tx, user_id)
    if account is None:
        raise UserUnknown
    return account


async def change_user(tx: Transaction, user: User, changes: UserChange, *, reauthenticated: bool) -> User:
    """Change an account that was read in this transaction; a suspension ends its sessions.

    Raises:
        RoleNotGrantable: the caller may not decide about this role or status, or about their own.
        ReauthenticationFailed: somebody changes their own address without having proved their password.
        LastSuperAdmin: nobody would be left to administer the installation.
        EmailTaken: another account has the address.
        UserChangedMeanwhile: somebody else was first.
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
        await _must_be_decided_by_others(tx, user, after)
    if "email" in changed and user.id == tx.principal.user_id and not reauthenticated:
        raise ReauthenticationFailed
    if after.status is not UserStatus.ACTIVE:
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
            "identity.user_changed", target=user.id, before=_rank(user), after={**_rank(after), "changed": changed}
        )
    await users.change(tx, user, after, EmailAddress.parse(after.email))
    return after


async def change_password(tx: Transaction, account: Credentials, *, password_hash: str, device: Device) -> None:
    """Give an account whose password was found right another one, and end its other sessions.

    Raises:
        ReauthenticationFailed: the account rests, or its password has changed since it was checked.
    """
    current = await still_proved(tx, account)
    if current is None:
        raise ReauthenticationFailed
    user = current.user
    await end_sessions(tx, user_id=user.id, because=SessionEnd.PASSWORD_CHANGED, except_for=tx.principal.session_id)
    tx.write(
        *users.set_password(tx, user, password_hash),
        attempts.clear(tx, email_key(user.email)),
        security_events.add(tx, user_id=user.id, kind=SecurityEventKind.PASSWORD_CHANGED, device=device),
    )
    tx.publish(PasswordChanged(aggregate_id=user.id, aggregate_version=user.version + 1))


async def delete_user(tx: Transaction, user: User) -> None:
    """Close an account that was read in this transaction: its sessions end, its name, address and traces are removed.

    What refers to it (orders, audit rows) goes on referring to an id that says nothing of anybody.

    Raises:
        RoleNotGrantable: the account has a role that the caller could not give.
        LastSuperAdmin: nobody would be left to administer the installation.
        UserChangedMeanwhile: somebody else was first.
    """
    if user.id != tx.principal.user_id and not may_grant(tx.principal.role, user.role):
        raise RoleNotGrantable
    await users.locked_credentials(tx, user.id)
    if user.role is Role.SUPER_ADMIN:
        await _must_leave_a_super_admin(tx, user)
    await end_sessions(tx, user_id=user.id, because=SessionEnd.ACCOUNT_CLOSED)
    tx.write(
        *users.erase(tx, user),
        attempts.clear(tx, email_key(user.email)),
        security_events.erase(tx, user_id=user.id),
    )
    tx.publish(UserDeleted(aggregate_id=user.id, aggregate_version=user.version + 1))
    tx.audit("identity.user_deleted", target=user.id, before=_rank(user))
    await tx.flush()
    tx.write(sessions.erase_devices(tx, user_id=user.id))


async def _must_be_decided_by_others(tx: Transaction, user: User, after: User) -> None:
    granter = tx.principal
    is_a_super_admins = Role.SUPER_ADMIN in {user.role, after.role}
    if user.id == granter.user_id or not granter.is_staff:
        raise RoleNotGrantable
    if not (may_grant(granter.role, user.role) and may_grant(granter.role, after.role)):
        raise RoleNotGrantable
    if is_a_super_admins and user.role is not after.role:
        raise RoleNotGrantable("A super admin has an account of their own on the platform; make one with POST /users")
    if is_a_super_admins and after.status is not UserStatus.ACTIVE:
        await _must_leave_a_super_admin(tx, user)


async def _must_leave_a_super_admin(tx: Transaction, user: User) -> None:
    if not await users.locked_super_admins(tx) - {user.id}:
        raise LastSuperAdmin


def _rank(user: User) -> dict[str, str]:
    return {"role": user.role, "status": user.status}
