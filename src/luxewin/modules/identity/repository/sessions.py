"""Sessions and their refresh tokens."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write, write
from luxewin.modules.identity.domain.roles import Role
from luxewin.modules.identity.domain.sessions import Device, Session, SessionEnd, TokenStatus
from luxewin.modules.identity.errors import InvalidRefreshToken

_COLUMNS = "s.id, s.user_id, s.address, s.user_agent, s.created_at, s.last_used_at, s.expires_at"
_ACTIVE = "s.ended_at IS NULL AND s.expires_at > now()"


@dataclass(frozen=True, slots=True)
class TokenFamily:
    """A locked session with the state of one of its refresh tokens; all tokens of a session are one family."""

    session: Session
    role: Role
    is_active: bool
    token_id: UUID
    token_status: TokenStatus
    token_expired: bool
    token_used_at: datetime | None
    live_token_hash: bytes | None
    now: datetime


async def find_active(tx: Transaction, session_id: UUID) -> tuple[UUID, Role, datetime] | None:
    """Return an active session's user, the user's current role, and the time; None if the session has ended."""
    row = await tx.fetchrow(
        "SELECT s.user_id, u.role, now() AS now FROM identity_sessions s"
        " JOIN identity_users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id"
        f" WHERE s.tenant_id = $1 AND s.id = $2 AND {_ACTIVE} AND u.status = 'active'",
        tx.tenant_id,
        session_id,
    )
    return None if row is None else (row["user_id"], Role(row["role"]), row["now"])


async def find(tx: Transaction, session_id: UUID, *, user_id: UUID) -> Session | None:
    """Return an active session of a user."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM identity_sessions s"
        f" WHERE s.tenant_id = $1 AND s.id = $2 AND s.user_id = $3 AND {_ACTIVE}",
        tx.tenant_id,
        session_id,
        user_id,
    )
    return None if row is None else _session(row)


async def page(tx: Transaction, *, user_id: UUID, before: tuple[datetime, UUID] | None, limit: int) -> list[Session]:
    """Return a page of a user's active sessions, newest first, older than `before`."""
    created_at, session_id = before or (None, None)
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM identity_sessions s WHERE s.tenant_id = $1 AND s.user_id = $2 AND {_ACTIVE}"
        " AND ($3::timestamptz IS NULL OR (s.created_at, s.id) < ($3, $4::uuid))"
        " ORDER BY s.created_at DESC, s.id DESC LIMIT $5",
        tx.tenant_id,
        user_id,
        created_at,
        session_id,
        limit,
    )
    return [_session(row) for row in rows]


async def device_history(tx: Transaction, *, user_id: UUID, device: Device) -> tuple[datetime, bool | None]:
    """Return the time, and whether the user has had a session on this device; None for a user without any session."""
    row = await tx.fetchrow(
        "SELECT now() AS now, bool_or(s.user_agent = $3) AS is_known_device FROM identity_sessions s"
        " WHERE s.tenant_id = $1 AND s.user_id = $2",
        tx.tenant_id,
        user_id,
        device.user_agent,
    )
    assert row is not None, "an aggregate without groups has one row"
    return row["now"], row["is_known_device"]


async def knows_network(tx: Transaction, *, user_id: UUID, address: str) -> bool:
    """Return whether a user has logged in from a network, in a session that was not revoked."""
    known: bool = await tx.fetchval(
        "SELECT EXISTS (SELECT FROM identity_sessions s WHERE s.tenant_id = $1 AND s.user_id = $2 AND s.address = $3"
        " AND (s.ended_because IS NULL OR s.ended_because = 'logged_out'))",
        tx.tenant_id,
        user_id,
        address,
    )
    return known


async def lock_family(tx: Transaction, token_hash: bytes) -> TokenFamily | None:
    """Return the session of a refresh token, and lock it until the commit."""
    # The lock is a statement of its own: the next statement then reads what the previous holder has committed.
    session_id = await tx.fetchval(
        "SELECT s.id FROM identity_refresh_tokens t"
        " JOIN identity_sessions s ON s.tenant_id = t.tenant_id AND s.id = t.session_id"
        " WHERE t.tenant_id = $1 AND t.token_hash = $2 FOR UPDATE OF s",
        tx.tenant_id,
        token_hash,
    )
    if session_id is None:
        return None
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS}, u.role, {_ACTIVE} AND u.status = 'active' AS is_active, t.id AS token_id,"
        " t.status AS token_status, t.expires_at <= now() AS token_expired, t.used_at AS token_used_at, now() AS now,"
        " (SELECT l.token_hash FROM identity_refresh_tokens l WHERE l.tenant_id = s.tenant_id AND l.session_id = s.id"
        " AND l.status = 'live') AS live_token_hash"
        " FROM identity_refresh_tokens t"
        " JOIN identity_sessions s ON s.tenant_id = t.tenant_id AND s.id = t.session_id"
        " JOIN identity_users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id"
        " WHERE t.tenant_id = $1 AND t.token_hash = $2",
        tx.tenant_id,
        token_hash,
    )
    if row is None:
        return None
    return TokenFamily(
        session=_session(row),
        role=Role(row["role"]),
        is_active=row["is_active"],
        token_id=row["token_id"],
        token_status=TokenStatus(row["token_status"]),
        token_expired=row["token_expired"],
        token_used_at=row["token_used_at"],
        live_token_hash=row["live_token_hash"],
        now=row["now"],
    )


async def lock_active(tx: Transaction, *, user_id: UUID) -> list[UUID]:
    """Return the ids of a user's active sessions, and lock them until the commit."""
    rows = await tx.fetch(
        f"SELECT s.id FROM identity_sessions s WHERE s.tenant_id = $1 AND s.user_id = $2 AND {_ACTIVE}"
        " ORDER BY s.id FOR UPDATE",
        tx.tenant_id,
        user_id,
    )
    return [row["id"] for row in rows]


def add(tx: Transaction, session: Session) -> Write:
    """Return the write that opens a session."""
    return write(
        "INSERT INTO identity_sessions (tenant_id, id, user_id, address, user_agent, created_at, last_used_at,"
        " expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        tx.tenant_id,
        session.id,
        session.user_id,
        session.device.address,
        session.device.user_agent,
        session.created_at,
        session.last_used_at,
        session.expires_at,
    )


def add_token(tx: Transaction, *, id: UUID, session_id: UUID, token_hash: bytes, expires_at: datetime) -> Write:
    """Return the write that adds a session's live refresh token; a partial unique index refuses a second one."""
    return write(
        "INSERT INTO identity_refresh_tokens (tenant_id, id, session_id, token_hash, status, created_at, expires_at)"
        " VALUES ($1, $2, $3, $4, 'live', now(), $5)",
        tx.tenant_id,
        id,
        session_id,
        token_hash,
        expires_at,
    )


def mark_token_used(tx: Transaction, family: TokenFamily) -> list[Write]:
    """Return the writes that mark a refresh token as used; InvalidRefreshToken if it is not live."""
    token = write(
        "UPDATE identity_refresh_tokens SET status = 'used', used_at = now()"
        " WHERE tenant_id = $1 AND id = $2 AND status = 'live'",
        tx.tenant_id,
        family.token_id,
        rows=1,
        otherwise=InvalidRefreshToken,
    )
    session = write(
        "UPDATE identity_sessions SET last_used_at = now() WHERE tenant_id = $1 AND id = $2",
        tx.tenant_id,
        family.session.id,
    )
    return [token, session]


def end(tx: Transaction, session_ids: Sequence[UUID], *, because: SessionEnd) -> list[Write]:
    """Return the writes that end locked sessions and revoke their refresh tokens."""
    sessions = write(
        "UPDATE identity_sessions SET ended_at = now(), ended_because = $3"
        " WHERE tenant_id = $1 AND id = ANY($2::uuid[]) AND ended_at IS NULL",
        tx.tenant_id,
        session_ids,
        because,
    )
    tokens = write(
        "UPDATE identity_refresh_tokens SET status = 'revoked'"
        " WHERE tenant_id = $1 AND session_id = ANY($2::uuid[]) AND status = 'live'",
        tx.tenant_id,
        session_ids,
    )
    return [sessions, tokens]


def erase_devices(tx: Transaction, *, user_id: UUID) -> Write:
    """Return the write that removes the devices of a user's sessions; an earlier flush must have ended the sessions."""
    return write(
        "UPDATE identity_sessions SET address = '', user_agent = '' WHERE tenant_id = $1 AND user_id = $2",
        tx.tenant_id,
        user_id,
    )


def delete_older(tx: Transaction, *, retention_days: int) -> list[Write]:
    """Return the writes that delete sessions that expired more than so many days ago."""
    tokens = write(
        "DELETE FROM identity_refresh_tokens t USING identity_sessions s WHERE t.tenant_id = $1"
        " AND s.tenant_id = t.tenant_id AND s.id = t.session_id AND s.expires_at < now() - make_interval(days => $2)",
        tx.tenant_id,
        retention_days,
    )
    sessions = write(
        "DELETE FROM identity_sessions WHERE tenant_id = $1 AND expires_at < now() - make_interval(days => $2)",
        tx.tenant_id,
        retention_days,
    )
    return [tokens, sessions]


def _session(row: Any) -> Session:
    return Session(
        id=row["id"],
        user_id=row["user_id"],
        device=Device(row["address"], row["user_agent"]),
        created_at=row["created_at"],
        last_used_at=row["last_used_at"],
        expires_at=row["expires_at"],
    )
