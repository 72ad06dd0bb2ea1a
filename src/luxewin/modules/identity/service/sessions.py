"""Refresh, read and end sessions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.identity.domain.sessions import (
    Device,
    Exchange,
    SecurityEvent,
    SecurityEventKind,
    Session,
    SessionEnd,
    exchange_of,
)
from luxewin.modules.identity.errors import InvalidRefreshToken, SessionUnknown
from luxewin.modules.identity.repository import failures, security_events, sessions, users
from luxewin.modules.identity.repository.sessions import TokenFamily
from luxewin.modules.identity.service import refresh_tokens
from luxewin.modules.identity.service.log_in import OpenSession
from luxewin.modules.identity.service.refresh_tokens import RefreshTokens

_SESSION_RETENTION_DAYS = 30
_EVENT_RETENTION_DAYS = 365
_FAILURE_RETENTION_DAYS = 1


@dataclass(frozen=True, slots=True)
class Reused:
    """A refresh token was used twice, so a copy of it exists; its session has ended."""

    user_id: UUID


async def refresh(
    tx: Transaction, refresh_token: str, *, tokens: RefreshTokens, device: Device
) -> OpenSession | Reused | None:
    """Exchange a refresh token for the next one; None if the tenant does not have the token.

    The session is locked until the commit, as it is when it is ended: nothing is refreshed after a revocation. A token
    can be used once. If it is presented again within ten seconds, the session's live token is returned again, so that
    several tabs may refresh at once. Later reuse ends the session; `Reused` is returned, not raised, so that this is
    committed.

    Raises:
        InvalidRefreshToken: the token or its session has expired or ended.
    """
    family = await sessions.lock_family(tx, refresh_tokens.token_hash(refresh_token))
    if family is None:
        return None
    exchange = exchange_of(
        family.token_status,
        is_active=family.is_active,
        has_expired=family.token_expired,
        used_at=family.token_used_at,
        now=family.now,
    )
    match exchange:
        case Exchange.NEXT:
            successor = tokens.successor(refresh_token)
            tx.write(*sessions.mark_token_used(tx, family))
            await tx.flush()
            refresh_tokens.add(tx, family.session, successor, now=family.now)
            return await _opened(tx, family, successor)
        case Exchange.SAME:
            live = None if family.live_token_hash is None else tokens.descendant(refresh_token, family.live_token_hash)
            return _end_reused(tx, family, device) if live is None else await _opened(tx, family, live)
        case Exchange.REUSED:
            return _end_reused(tx, family, device)
        case Exchange.REFUSED:
            raise InvalidRefreshToken
        case _:
            assert_never(exchange)


async def list_sessions(
    tx: Transaction, *, user_id: UUID, before: tuple[datetime, UUID] | None, limit: int
) -> list[Session]:
    """Return a page of a user's active sessions, newest first, older than `before`."""
    return await sessions.page(tx, user_id=user_id, before=before, limit=limit)


async def get_session(tx: Transaction, session_id: UUID, *, user_id: UUID) -> Session:
    """Return an active session of a user.

    Raises:
        SessionUnknown: the user has no such session.
    """
    session = await sessions.find(tx, session_id, user_id=user_id)
    if session is None:
        raise SessionUnknown
    return session


async def end_session(tx: Transaction, session_id: UUID, *, user_id: UUID, because: SessionEnd) -> None:
    """End one session of a user.

    Raises:
        SessionUnknown: the user has no such session.
    """
    if session_id not in await sessions.lock_active(tx, user_id=user_id):
        raise SessionUnknown
    tx.write(*sessions.end(tx, [session_id], because=because))


async def end_sessions(
    tx: Transaction, *, user_id: UUID, because: SessionEnd, except_for: UUID | None = None
) -> Sequence[UUID]:
    """End all sessions of a user, or all but one; return the ids of the ended ones."""
    active = await sessions.lock_active(tx, user_id=user_id)
    ending = [session_id for session_id in active if session_id != except_for]
    if ending:
        tx.write(*sessions.end(tx, ending, because=because))
    return ending


async def list_security_events(
    tx: Transaction, *, user_id: UUID, before: tuple[datetime, UUID] | None, limit: int
) -> list[SecurityEvent]:
    """Return a page of an account's security events, newest first, older than `before`."""
    return await security_events.page(tx, user_id=user_id, before=before, limit=limit)


def delete_expired(tx: Transaction) -> None:
    """Delete sessions that expired 30 days ago, events after a year, and counts of failed attempts after a day."""
    tx.write(
        *sessions.delete_older(tx, retention_days=_SESSION_RETENTION_DAYS),
        security_events.delete_older(tx, retention_days=_EVENT_RETENTION_DAYS),
        *failures.delete_older(tx, retention_days=_FAILURE_RETENTION_DAYS),
    )


async def _opened(tx: Transaction, family: TokenFamily, refresh_token: str) -> OpenSession:
    user = await users.find(tx, family.session.user_id)
    assert user is not None, "an active session has a user"
    return OpenSession(user=user, session=family.session, refresh_token=refresh_token, now=family.now)


def _end_reused(tx: Transaction, family: TokenFamily, device: Device) -> Reused:
    session, kind = family.session, SecurityEventKind.REFRESH_TOKEN_REUSED
    tx.write(
        *sessions.end(tx, [session.id], because=SessionEnd.REFRESH_TOKEN_REUSED),
        security_events.add(tx, user_id=session.user_id, kind=kind, device=device),
    )
    return Reused(session.user_id)
