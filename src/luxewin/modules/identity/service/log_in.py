"""Log in: find the account, and open a session.

The password is checked between two transactions, so that no connection waits for bcrypt; the second transaction checks
that the account has not changed in the meantime.
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime

from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.modules.identity.domain.accounts import User, UserStatus
from luxewin.modules.identity.domain.emails import email_key
from luxewin.modules.identity.domain.sessions import (
    LONGEST_SESSION,
    Device,
    SecurityEventKind,
    Session,
)
from luxewin.modules.identity.errors import InvalidCredentials
from luxewin.modules.identity.events import NewDeviceLoggedIn
from luxewin.modules.identity.repository import failures, security_events, sessions, users
from luxewin.modules.identity.repository.users import Credentials
from luxewin.modules.identity.service import refresh_tokens
from luxewin.modules.identity.service.failed_attempts import is_locked


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


async def log_in(tx: Transaction, account: Credentials, *, device: Device, new_hash: str | None) -> OpenSession:
    """Open a session for an account whose password was right; `new_hash` replaces a hash with another cost.

    Raises:
        InvalidCredentials: the account is locked or suspended, or its password has changed since it was checked.
    """
    current = await lock_if_unchanged(tx, account, device=device)
    if current is None or current.user.status is not UserStatus.ACTIVE:
        raise InvalidCredentials
    tx.write(failures.clear(tx, email_key(current.user.email), failures.network(device.address)))
    if new_hash is not None:
        tx.write(users.replace_hash(tx, current.user.id, password_hash=new_hash))
    return await open_session(tx, current.user, device=device)


async def lock_if_unchanged(tx: Transaction, account: Credentials, *, device: Device) -> Credentials | None:
    """Lock an account whose password was right, and return its current state.

    None if the device's network is locked, or the password has changed since it was checked.
    """
    current = await users.lock_credentials(tx, account.user.id)
    if current is None or not secrets.compare_digest(current.password_hash, account.password_hash):
        return None
    return None if await is_locked(tx, current.user, device) else current


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
