"""Sessions of one device each, extended by refresh tokens that can be used once."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, StrEnum
from typing import Self, assert_never
from uuid import UUID

LONGEST_SESSION = timedelta(days=90)
LONGEST_REFRESH_PAUSE = timedelta(days=30)
LONGEST_USER_AGENT = 400
REUSE_INTERVAL = timedelta(seconds=10)
"""For how long a used refresh token is answered again: tabs of one browser, and a client that lost the response."""


class SessionEnd(StrEnum):
    """The reason for which a session ended before it expired."""

    LOGGED_OUT = "logged_out"
    REVOKED = "revoked"
    REFRESH_TOKEN_REUSED = "refresh_token_reused"
    PASSWORD_CHANGED = "password_changed"
    ACCOUNT_CLOSED = "account_closed"


class TokenStatus(StrEnum):
    """The status of a refresh token; a session has one live token at most."""

    LIVE = "live"
    USED = "used"
    REVOKED = "revoked"


class Exchange(Enum):
    """What a refresh token that is presented is exchanged for."""

    NEXT = "next"
    """Its successor: this is its first use."""

    SAME = "same"
    """The session's live token, which was derived from it: it was used a moment ago."""

    REUSED = "reused"
    """Nothing, and the session ends: a copy of the token exists."""

    REFUSED = "refused"
    """Nothing: the token or its session has expired or ended."""


class SecurityEventKind(StrEnum):
    """The kinds of events that an account's owner can see."""

    LOGIN_FAILED = "login_failed"
    ACCOUNT_LOCKED = "account_locked"
    NEW_DEVICE = "new_device"
    PASSWORD_CHANGED = "password_changed"
    REFRESH_TOKEN_REUSED = "refresh_token_reused"
    DECISION_CONFIRMED = "decision_confirmed"


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


def exchange_of(
    status: TokenStatus, *, is_active: bool, has_expired: bool, used_at: datetime | None, now: datetime
) -> Exchange:
    """Return what a refresh token is exchanged for; `is_active` is the state of its session."""
    if not is_active:
        return Exchange.REFUSED
    match status:
        case TokenStatus.LIVE:
            return Exchange.REFUSED if has_expired else Exchange.NEXT
        case TokenStatus.USED:
            is_recent = used_at is not None and now - used_at < REUSE_INTERVAL
            return Exchange.SAME if is_recent else Exchange.REUSED
        case TokenStatus.REVOKED:
            return Exchange.REFUSED
        case _:
            assert_never(status)
