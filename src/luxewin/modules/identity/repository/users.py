"""Accounts and their credentials."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write, write
from luxewin.modules.identity.domain.accounts import ERASED_NAME, User, UserStatus, erased_email
from luxewin.modules.identity.domain.emails import EmailAddress
from luxewin.modules.identity.domain.roles import Role
from luxewin.modules.identity.errors import EmailTaken, UserChangedMeanwhile

_COLUMNS = "u.id, u.name, u.email, u.role, u.status, u.created_at, u.version"
_NOT_DELETED = "u.tenant_id = $1 AND u.status <> 'deleted'"
_CREDENTIALS = (
    f"SELECT {_COLUMNS}, c.password_hash FROM identity_users u"
    " JOIN identity_credentials c ON c.tenant_id = u.tenant_id AND c.user_id = u.id"
    f" WHERE {_NOT_DELETED}"
)
_EMAIL_KEY = "identity_users_tenant_id_email_normalised_key"


@dataclass(frozen=True, slots=True)
class Credentials:
    """An account with its password hash; never leaves the services."""

    user: User
    password_hash: str = field(repr=False)


async def find(tx: Transaction, user_id: UUID) -> User | None:
    """Return the account, unless it was deleted."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM identity_users u WHERE {_NOT_DELETED} AND u.id = $2", tx.tenant_id, user_id
    )
    return None if row is None else _user(row)


async def find_all(tx: Transaction, user_ids: Sequence[UUID]) -> list[User]:
    """Return the accounts with these ids, without deleted ones."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM identity_users u WHERE {_NOT_DELETED} AND u.id = ANY($2::uuid[])",
        tx.tenant_id,
        user_ids,
    )
    return [_user(row) for row in rows]


async def created_at(tx: Transaction, user_ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """Return when the tenant's accounts with these ids were created, by id, also of deleted ones."""
    rows = await tx.fetch(
        "SELECT id, created_at FROM identity_users WHERE tenant_id = $1 AND id = ANY($2::uuid[])",
        tx.tenant_id,
        user_ids,
    )
    return {row["id"]: row["created_at"] for row in rows}


async def key_is_taken(tx: Transaction, email_key: str) -> bool:
    """Return whether an account of the tenant has the address."""
    found: bool = await tx.fetchval(
        "SELECT EXISTS (SELECT FROM identity_users WHERE tenant_id = $1 AND email_normalised = $2)",
        tx.tenant_id,
        email_key,
    )
    return found


async def page(
    tx: Transaction,
    *,
    role: Role | None,
    email_key: str | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[User]:
    """Return a page of accounts, newest first, older than `before`."""
    conditions, parameters = [_NOT_DELETED], [tx.tenant_id, limit]

    def parameter(value: Any) -> str:
        parameters.append(value)
        return f"${len(parameters)}"

    if role is not None:
        conditions.append(f"u.role = {parameter(role.value)}")
    if email_key is not None:
        conditions.append(f"u.email_normalised = {parameter(email_key)}")
    if before is not None:
        conditions.append(f"(u.created_at, u.id) < ({parameter(before[0])}::timestamptz, {parameter(before[1])}::uuid)")
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM identity_users u WHERE {' AND '.join(conditions)}"
        " ORDER BY u.created_at DESC, u.id DESC LIMIT $2",
        *parameters,
    )
    return [_user(row) for row in rows]


async def credentials_by_email(tx: Transaction, email_key: str) -> Credentials | None:
    """Return the account with this address, and its credentials."""
    return _credentials(await tx.fetchrow(f"{_CREDENTIALS} AND u.email_normalised = $2", tx.tenant_id, email_key))


async def credentials_of(tx: Transaction, user_id: UUID) -> Credentials | None:
    """Return an account and its credentials."""
    return _credentials(await tx.fetchrow(f"{_CREDENTIALS} AND u.id = $2", tx.tenant_id, user_id))


async def lock_credentials(tx: Transaction, user_id: UUID) -> Credentials | None:
    """Return an account and its credentials, and block its logins, password changes and deletion until the commit."""
    # The lock is a statement of its own: the next statement then reads what the previous holder has committed.
    await tx.fetchval(
        "SELECT 1 FROM identity_credentials WHERE tenant_id = $1 AND user_id = $2 FOR UPDATE", tx.tenant_id, user_id
    )
    return await credentials_of(tx, user_id)


async def lock_super_admins(tx: Transaction) -> set[UUID]:
    """Return the active super admins, and lock their rows until the commit."""
    rows = await tx.fetch(
        "SELECT id FROM identity_users WHERE tenant_id = $1 AND role = 'super_admin' AND status = 'active'"
        " ORDER BY id FOR UPDATE",
        tx.tenant_id,
    )
    return {row["id"] for row in rows}


def add(tx: Transaction, user: User, email: EmailAddress, password_hash: str) -> list[Write]:
    """Return the writes that create an account; EmailTaken if the address is taken, also by a super admin."""
    profile = write(
        "INSERT INTO identity_users (tenant_id, id, name, email, email_normalised, role, status, created_at,"
        " updated_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9)"
        " ON CONFLICT (tenant_id, email_normalised) DO NOTHING",
        tx.tenant_id,
        user.id,
        user.name,
        email.address,
        email.key,
        user.role,
        user.status,
        user.created_at,
        user.version,
        rows=1,
        otherwise=EmailTaken,
    )
    proof = write(
        "INSERT INTO identity_credentials (tenant_id, user_id, password_hash, password_changed_at)"
        " VALUES ($1, $2, $3, now())",
        tx.tenant_id,
        user.id,
        password_hash,
    )
    return [profile, proof]


async def change(tx: Transaction, before: User, after: User, email: EmailAddress) -> None:
    """Write the next version of an account, together with the other gathered writes.

    Raises:
        EmailTaken: another account of the tenant, or a super admin, has the address.
        UserChangedMeanwhile: another transaction changed the account first.
    """
    update = write(
        "UPDATE identity_users SET name = $4, email = $5, email_normalised = $6, role = $7, status = $8, version = $9,"
        " updated_at = kit_now() WHERE tenant_id = $1 AND id = $2 AND version = $3 AND status <> 'deleted'",
        tx.tenant_id,
        before.id,
        before.version,
        after.name,
        email.address,
        email.key,
        after.role,
        after.status,
        after.version,
        rows=1,
        otherwise=UserChangedMeanwhile,
    )
    tx.write(update)
    try:
        await tx.flush()
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name != _EMAIL_KEY:
            raise
        raise EmailTaken from error


def erase(tx: Transaction, user: User) -> list[Write]:
    """Return the writes that delete an account: the row stays for references, without name, address and credentials."""
    profile = write(
        "UPDATE identity_users SET name = $4, email = $5, email_normalised = $5, status = 'deleted', version = $6,"
        " updated_at = kit_now() WHERE tenant_id = $1 AND id = $2 AND version = $3 AND status <> 'deleted'",
        tx.tenant_id,
        user.id,
        user.version,
        ERASED_NAME,
        erased_email(user.id),
        user.version + 1,
        rows=1,
        otherwise=UserChangedMeanwhile,
    )
    proof = write("DELETE FROM identity_credentials WHERE tenant_id = $1 AND user_id = $2", tx.tenant_id, user.id)
    return [profile, proof]


def set_password(tx: Transaction, user: User, password_hash: str) -> list[Write]:
    """Return the writes that change the password of an account."""
    profile = write(
        "UPDATE identity_users SET version = version + 1, updated_at = kit_now()"
        " WHERE tenant_id = $1 AND id = $2 AND version = $3",
        tx.tenant_id,
        user.id,
        user.version,
        rows=1,
        otherwise=UserChangedMeanwhile,
    )
    proof = write(
        "UPDATE identity_credentials SET password_hash = $3, password_changed_at = now()"
        " WHERE tenant_id = $1 AND user_id = $2",
        tx.tenant_id,
        user.id,
        password_hash,
        rows=1,
        otherwise=UserChangedMeanwhile,
    )
    return [profile, proof]


def replace_hash(tx: Transaction, user_id: UUID, *, password_hash: str) -> Write:
    """Return the write that stores a hash of the same password with another cost."""
    return write(
        "UPDATE identity_credentials SET password_hash = $3 WHERE tenant_id = $1 AND user_id = $2",
        tx.tenant_id,
        user_id,
        password_hash,
        rows=1,
        otherwise=UserChangedMeanwhile,
    )


def _user(row: Any) -> User:
    return User(
        id=row["id"],
        name=row["name"],
        email=row["email"],
        role=Role(row["role"]),
        status=UserStatus(row["status"]),
        created_at=row["created_at"],
        version=row["version"],
    )


def _credentials(row: Any) -> Credentials | None:
    if row is None:
        return None
    return Credentials(_user(row), row["password_hash"])
