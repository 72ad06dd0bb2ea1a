"""Refresh tokens: 256 bits that nobody can guess, stored as SHA-256, each derived from the one before it.

A token can be used once. Clients that share it, such as three tabs of a browser, use it at the same time nevertheless,
and must all get the same next token. That token is not stored, so it is derived: whoever presents a token that was used
a moment ago gets its successor again, and without the key of the installation nobody can derive one.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.modules.identity.domain.sessions import Session, refresh_deadline
from luxewin.modules.identity.repository import sessions

_TOKEN_BYTES = 32
_MAX_SUCCESSORS = 20
"""More refreshes of one session within the reuse interval than a client needs."""


class RefreshTokens:
    """Derives the successors of refresh tokens with a key of the installation."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def successor(self, token: str) -> str:
        """Return the token that follows a token: always the same one (HMAC-SHA256)."""
        digest = hmac.digest(self._key, token.encode(), "sha256")
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def descendant(self, token: str, hashed: bytes) -> str | None:
        """Return the token with this hash among the next successors of a token, or None."""
        for _ in range(_MAX_SUCCESSORS):
            token = self.successor(token)
            if hmac.compare_digest(token_hash(token), hashed):
                return token
        return None


def first() -> str:
    """Return the first refresh token of a session: 256 random bits."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def add(tx: Transaction, session: Session, token: str, *, now: datetime) -> None:
    """Write a session's next refresh token, as its hash."""
    deadline = refresh_deadline(now, session.expires_at)
    tx.write(
        sessions.add_token(tx, id=new_id(), session_id=session.id, token_hash=token_hash(token), expires_at=deadline)
    )


def token_hash(token: str) -> bytes:
    """Return the stored hash of a refresh token; with 256 random bits, one round of SHA-256 is enough."""
    return hashlib.sha256(token.encode()).digest()
