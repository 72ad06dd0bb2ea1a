"""Log in: find the account, count what fails, open a session for what succeeds.

The password is checked between two transactions, so that no connection waits for bcrypt; the second one looks again
whether anything changed in the meantime.
"""

import hashlib
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
    refresh_deadline,
)
from luxewin.modules.identity.errors import InvalidCredentials
from luxewin.modules.identity.events import NewDeviceLoggedIn
from luxewin.modules.identity.repository import attempts, security_events, sessions, users
from luxewin.modules.identity.repository.users import Credentials

_REFRESH_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """A session with the refresh token that keeps it open, which is shown once and stored as a hash."""

    user: User
    session: Session
    refresh_token: str = field(repr=False)
    now: datetime


async def account_of(tx: Transaction, email: str) -> Credentials | None:
    """Return the account that has this address, or one that reads the same."""
    return await users.credentials_by_email(tx, email_key(email))


async def note_failed_attempt(tx: Transaction, email: str, *, user_id: UUID | None, device: Device) -> None:
    """Count a failed attempt for an address, whether or not it is anybody's, and let it rest if there were many.

    While it rests, nothing is counted: a stranger who keeps trying prolongs no lock.
    """
    key = email_key(email)
    before = await attempts.locked_row(tx, key)
    if before.locked:
        return
    failed = before.failed + 1
    lock = lock_seconds(failed)
    tx.write(attempts.count(tx, key, failed=failed, lock_seconds=lock))
    if user_id is not None:
        kind = SecurityEventKind.ACCOUNT_LOCKED if lock else SecurityEventKind.LOGIN_FAILED
        tx.write(security_events.add(tx, user_id=user_id, kind=kind, device=device))


async def log_in(tx: Transaction, account: Credentials, *, device: Device, new_hash: str | None) -> OpenSession:
    """Open a session for an account whose password was found right; `new_hash` replaces a hash of another cost.

    Raises:
        InvalidCredentials: the account rests or is suspended, or its password has changed since it was checked.
    """
    current = await still_proved(tx, account)
    if current is None or current.user.status is not UserStatus.ACTIVE:
        raise InvalidCredentials
    tx.write(attempts.clear(tx, email_key(current.user.email)))
    if new_hash is not None:
        tx.write(users.replace_hash(tx, current.user.id, password_hash=new_hash))
    return await open_session(tx, current.user, device=device)


async def still_proved(tx: Transaction, account: Credentials) -> Credentials | None:
    """Lock an account whose password was just found right, and return it as it is now.

    None where its address rests, or its password has changed since it was checked.
    """
    current = await users.locked_credentials(tx, account.user.id)
    if current is None or not secrets.compare_digest(current.password_hash, account.password_hash):
        return None
    return None if (await attempts.of(tx, email_key(current.user.email))).locked else current


async def open_session(tx: Transaction, user: User, *, device: Device) -> OpenSession:
    """Open a session with its first refresh token; a device not seen before is noted and told."""
    now, known = await sessions.arrival(tx, user_id=user.id, device=device)
    session = Session(
        id=new_id(),
        user_id=user.id,
        device=device,
        created_at=now,
        last_used_at=now,
        expires_at=now + LONGEST_SESSION,
    )
    tx.write(sessions.add(tx, session))
    if known is False:
        tx.write(security_events.add(tx, user_id=user.id, kind=SecurityEventKind.NEW_DEVICE, device=device))
        tx.publish(NewDeviceLoggedIn(aggregate_id=session.id, aggregate_version=1, user_id=user.id))
    return OpenSession(user=user, session=session, refresh_token=new_refresh_token(tx, session, now=now), now=now)


def new_refresh_token(tx: Transaction, session: Session, *, now: datetime) -> str:
    """Write a session's next refresh token (256 bits, stored as SHA-256) and return it."""
    token = secrets.token_urlsafe(_REFRESH_TOKEN_BYTES)
    deadline = refresh_deadline(now, session.expires_at)
    tx.write(
        sessions.add_token(tx, id=new_id(), session_id=session.id, token_hash=token_hash(token), expires_at=deadline)
    )
    return token


def token_hash(token: str) -> bytes:
    """Return what is stored of a refresh token; it holds 256 random bits, so one round of SHA-256 suffices."""
    return hashlib.sha256(token.encode()).digest()
