"""Sessions of one device each, extended by refresh tokens that can be used once."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self
from uuid import UUID

LONGEST_SESSION = timedelta(days=90)
LONGEST_REFRESH_PAUSE = timedelta(days=30)
LONGEST_USER_AGENT = 400


class SessionEnd(StrEnum):
    """The reason for which a session ended before it expired."""

    LOGGED_OUT = "logged_out"
    REVOKED = "revoked"
    REFRESH_TOKEN_REUSED = "refresh_token_reused"
    PASSWORD_CHANGED = "password_changed"
    ACCOUNT_CLOSED = "account_closed"


class SecurityEventKind(StrEnum):
    """The kinds of events that an account's owner can see."""

    LOGIN_FAILED = "login_failed"
    ACCOUNT_LOCKED = "account_locked"
    NEW_DEVICE = "new_device"
    PASSWORD_CHANGED = "password_changed"
    REFRESH_TOKEN_REUSED = "refresh_token_reused"


@dataclass(frozen=True, slots=True)
class Device:
    """The device that uses a session, as described by the request."""

    address: str
    user_agent: str

    @classmethod
    def of(cls, *, address: str, user_agent: str) -> Self:
        """Return a device; the user agent is cut to size, and its control characters are removed."""
        printable = "".join(c for c in user_agent[:LONGEST_USER_AGENT] if unicodedata.category(c) != "Cc")
        return cls(address, printable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session of one account on one device."""

    id: UUID
    user_id: UUID
    device: Device
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityEvent:
    """An event that concerns the security of an account."""

    id: UUID
    kind: SecurityEventKind
    at: datetime
    device: Device


def refresh_deadline(now: datetime, session_expires_at: datetime) -> datetime:
    """Return when a refresh token issued now expires: in 30 days, or earlier with its session."""
    return min(now + LONGEST_REFRESH_PAUSE, session_expires_at)
