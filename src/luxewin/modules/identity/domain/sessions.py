"""Sessions: one device's stay, kept alive by refresh tokens that are each good for one use."""

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
    """Why a session ended before its time."""

    LOGGED_OUT = "logged_out"
    REVOKED = "revoked"
    REFRESH_TOKEN_REUSED = "refresh_token_reused"
    PASSWORD_CHANGED = "password_changed"
    ACCOUNT_CLOSED = "account_closed"


class SecurityEventKind(StrEnum):
    """What an account's owner should be able to see."""

    LOGIN_FAILED = "login_failed"
    ACCOUNT_LOCKED = "account_locked"
    NEW_DEVICE = "new_device"
    PASSWORD_CHANGED = "password_changed"
    REFRESH_TOKEN_REUSED = "refresh_token_reused"


@dataclass(frozen=True, slots=True)
class Device:
    """Where a session is used from, as far as the request tells."""

    address: str
    user_agent: str

    @classmethod
    def described(cls, *, address: str, user_agent: str) -> Self:
        """Describe a device; what it says of itself is cut to size and freed of control characters."""
        printable = "".join(c for c in user_agent[:LONGEST_USER_AGENT] if unicodedata.category(c) != "Cc")
        return cls(address, printable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A stay of one person on one device."""

    id: UUID
    user_id: UUID
    device: Device
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityEvent:
    """Something that happened around an account's security."""

    id: UUID
    kind: SecurityEventKind
    at: datetime
    device: Device


def refresh_deadline(now: datetime, session_expires_at: datetime) -> datetime:
    """Return until when a refresh token issued now may be used: 30 days, within its session."""
    return min(now + LONGEST_REFRESH_PAUSE, session_expires_at)
