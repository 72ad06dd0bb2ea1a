"""Keep a session open, look at sessions, end them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.identity.domain.sessions import Device, SecurityEvent, SecurityEventKind, Session, SessionEnd
from luxewin.modules.identity.errors import InvalidRefreshToken, SessionUnknown
from luxewin.modules.identity.repository import attempts, security_events, sessions, users
from luxewin.modules.identity.service.log_in import OpenSession, new_refresh_token, token_hash

_KEPT_SESSIONS_DAYS = 30
_KEPT_EVENTS_DAYS = 365
_KEPT_ATTEMPTS_DAYS = 1


@dataclass(frozen=True, slots=True)
class Reused:
    """A refresh token came back after its use: somebody has a copy. Its session has ended, for both."""

    user_id: UUID


async def refresh(tx: Transaction, refresh_token: str, *, device: Device) -> OpenSession | Reused | None:
    """Trade a refresh token for the next one; None where it is not of this tenant.

    A token is good for one use. Of several who come with it at once exactly one gets the next; the others are, as any
    later one, a reuse, which ends the session: that must be committed, so it is an answer and not a refusal.

    Raises:
        InvalidRefreshToken: it or its session has expired or ended.
    """
    family = await sessions.locked_family(tx, token_hash(refresh_token))
    if family is None:
        return None
    session = family.session
    if family.token_status == "used" and family.alive:
        tx.write(*sessions.end(tx, [session.id], because=SessionEnd.REFRESH_TOKEN_REUSED))
        kind = SecurityEventKind.REFRESH_TOKEN_REUSED
        tx.write(security_events.add(tx, user_id=session.user_id, kind=kind, device=device))
        return Reused(session.user_id)
    if family.token_status != "live" or family.token_expired or not family.alive:
        raise InvalidRefreshToken
    user = await users.find(tx, session.user_id)
    assert user is not None, "a living session has an owner"
    tx.write(*sessions.spend_token(tx, family))
    await tx.flush()
    return OpenSession(
        user=user, session=session, refresh_token=new_refresh_token(tx, session, now=family.now), now=family.now
    )


async def list_sessions(
    tx: Transaction, *, user_id: UUID, before: tuple[datetime, UUID] | None, limit: int
) -> list[Session]:
    """Return a person's living sessions, newest first, from behind `before`."""
    return await sessions.page(tx, user_id=user_id, before=before, limit=limit)


async def get_session(tx: Transaction, session_id: UUID, *, user_id: UUID) -> Session:
    """Return a living session of a person.

    Raises:
        SessionUnknown: there is none, or it is another person's.
    """
    session = await sessions.find(tx, session_id, user_id=user_id)
    if session is None:
        raise SessionUnknown
    return session


async def end_session(tx: Transaction, session_id: UUID, *, user_id: UUID, because: SessionEnd) -> None:
    """End one session of a person.

    Raises:
        SessionUnknown: there is none, or it is another person's.
    """
    living = await sessions.locked_living(tx, user_id=user_id)
    if session_id not in living:
        raise SessionUnknown
    tx.write(*sessions.end(tx, [session_id], because=because))


async def end_sessions(
    tx: Transaction, *, user_id: UUID, because: SessionEnd, except_for: UUID | None = None
) -> Sequence[UUID]:
    """End all sessions of a person, or all but one; return which."""
    living = await sessions.locked_living(tx, user_id=user_id)
    ending = [session_id for session_id in living if session_id != except_for]
    if ending:
        tx.write(*sessions.end(tx, ending, because=because))
    return ending


async def list_security_events(
    tx: Transaction, *, user_id: UUID, before: tuple[datetime, UUID] | None, limit: int
) -> list[SecurityEvent]:
    """Return what happened around a person's account, newest first, from behind `before`."""
    return await security_events.page(tx, user_id=user_id, before=before, limit=limit)


def forget_expired(tx: Transaction) -> None:
    """Remove what nobody needs any more: sessions a month past their end, events after a year, attempts after a day."""
    tx.write(
        *sessions.forget(tx, kept_days=_KEPT_SESSIONS_DAYS),
        security_events.forget(tx, kept_days=_KEPT_EVENTS_DAYS),
        attempts.forget(tx, kept_days=_KEPT_ATTEMPTS_DAYS),
    )
