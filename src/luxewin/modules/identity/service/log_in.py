"""Log in: find the account, count failed attempts, open a session.

The password is checked between two transactions, so that no connection waits for bcrypt; the second transaction checks
that the account has not changed in the meantime.
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.modules.identity.domain.accounts import User, UserStatus
from luxewin.modules.identity.domain.emails import email_key
from luxewin.modules.identity.domain.lockout import lock_seconds
from luxewin.modules.identity.domain.sessions import (
    LONGEST_SESSION,
    Device,
    SecurityEventKind,
    Session,
)
from luxewin.modules.identity.errors import InvalidCredentials
from luxewin.modules.identity.events import NewDeviceLoggedIn
from luxewin.modules.identity.repository import attempts, security_events, sessions, users
from luxewin.modules.identity.repository.users import Credentials
from luxewin.modules.identity.service import refresh_tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """A session with its refresh token, which is returned once and stored as a hash."""

    user: User
    session: Session
    refresh_token: str = field(repr=False)
    now: datetime


async def account_of(tx: Transaction, email: str) -> Credentials | None:
    """Return the account with this address, or one that is equal after normalisation."""
    return await users.credentials_by_email(tx, email_key(email))


async def count_failed_attempt(tx: Transaction, email: str, *, user_id: UUID | None, device: Device) -> None:
    """Count a failed attempt for an address, with or without an account, and lock the address after several.

    While it is locked nothing is counted, so that further attempts do not extend the lock.
    """
    key = email_key(email)
    before = await attempts.lock_row(tx, key)
    if before.locked:
        return
    failed = before.failed + 1
    lock = lock_seconds(failed)
    tx.write(attempts.count(tx, key, failed=failed, lock_seconds=lock))
    if user_id is not None:
        kind = SecurityEventKind.ACCOUNT_LOCKED if lock else SecurityEventKind.LOGIN_FAILED
        tx.write(security_events.add(tx, user_id=user_id, kind=kind, device=device))


async def log_in(tx: Transaction, account: Credentials, *, device: Device, new_hash: str | None) -> OpenSession:
    """Open a session for an account whose password was right; `new_hash` replaces a hash with another cost.

    Raises:
        InvalidCredentials: the account is locked or suspended, or its password has changed since it was checked.
    """
    current = await lock_if_unchanged(tx, account)
    if current is None or current.user.status is not UserStatus.ACTIVE:
        raise InvalidCredentials
    tx.write(attempts.clear(tx, email_key(current.user.email)))
    if new_hash is not None:
        tx.write(users.replace_hash(tx, current.user.id, password_hash=new_hash))
    return await open_session(tx, current.user, device=device)


async def lock_if_unchanged(tx: Transaction, account: Credentials) -> Credentials | None:
    """Lock an account whose password was right, and return its current state.

    None if its address is locked, or its password has changed since it was checked.
    """
    current = await users.lock_credentials(tx, account.user.id)
    if current is None or not secrets.compare_digest(current.password_hash, account.password_hash):
        return None
    return None if (await attempts.of(tx, email_key(current.user.email))).locked else current


async def open_session(tx: Transaction, user: User, *, device: Device) -> OpenSession:
    """Open a session with its first refresh token.

    A device that the account has not used before adds a security event and publishes `NewDeviceLoggedIn`.
    """
    now, is_known_device = await sessions.device_history(tx, user_id=user.id, device=device)
    session = Session(
        id=new_id(),
        user_id=user.id,
        device=device,
        created_at=now,
        last_used_at=now,
        expires_at=now + LONGEST_SESSION,
    )
    refresh_token = refresh_tokens.first()
    tx.write(sessions.add(tx, session))
    refresh_tokens.add(tx, session, refresh_token, now=now)
    if is_known_device is False:
        tx.write(security_events.add(tx, user_id=user.id, kind=SecurityEventKind.NEW_DEVICE, device=device))
        tx.publish(NewDeviceLoggedIn(aggregate_id=session.id, aggregate_version=1, user_id=user.id))
    return OpenSession(user=user, session=session, refresh_token=refresh_token, now=now)
