"""Drawn tickets with their prizes, and disqualifications.

Every change of these also increments the raffle's version, so that two changes cannot commit at the same time.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write, write
from luxewin.modules.raffles.domain.claims import Disqualification, Winner, WinnerStatus
from luxewin.modules.raffles.domain.encoding import Json
from luxewin.modules.raffles.domain.outcome import SkipReason
from luxewin.modules.raffles.errors import DisqualificationDecided, RaffleChanged
from luxewin.modules.raffles.repository.entries import IS_ENTERED

_WINNERS = (
    "SELECT w.place, w.prize, w.number, w.entrant_id, w.status, w.claim_by, w.order_id,"
    " CASE WHEN w.status = 'refused' THEN s.reason END AS skip_reason FROM raffles_winners w"
    " LEFT JOIN raffles_skips s ON s.tenant_id = w.tenant_id AND s.raffle_id = w.raffle_id AND s.number = w.number"
    " WHERE w.tenant_id = $1 AND w.raffle_id = $2"
)
_DISQUALIFICATIONS = (
    "SELECT number, reason, note, proposed_by, proposed_at, confirmed_by, confirmed_at FROM raffles_skips"
    " WHERE tenant_id = $1 AND raffle_id = $2"
)


async def due(tx: Transaction, *, limit: int) -> list[UUID]:
    """Return drawn raffles with a prize that was not claimed in time, or without an open prize."""
    rows = await tx.fetch(
        "SELECT r.id FROM raffles_raffles r WHERE r.tenant_id = $1 AND r.status = 'drawn' AND (EXISTS (SELECT"
        " FROM raffles_winners w WHERE w.tenant_id = r.tenant_id AND w.raffle_id = r.id AND w.status = 'winner'"
        " AND w.claim_by <= kit_now()) OR NOT EXISTS (SELECT FROM raffles_winners w WHERE w.tenant_id = r.tenant_id"
        " AND w.raffle_id = r.id AND (w.status = 'winner' OR w.status = 'claimed' AND w.order_id IS NULL)))"
        " ORDER BY r.created_at, r.id LIMIT $2",
        tx.tenant_id,
        limit,
    )
    return [row["id"] for row in rows]


async def winners(tx: Transaction, raffle_id: UUID) -> list[Winner]:
    """Return every drawn ticket of a raffle, in the order of the draw."""
    rows = await tx.fetch(f"{_WINNERS} ORDER BY w.place", tx.tenant_id, raffle_id)
    return [_winner(row) for row in rows]


async def drawn_tickets(tx: Transaction, raffle_id: UUID) -> list[Json]:
    """Return the prize, number and status of every drawn ticket, in the order of the draw; a reserve has no prize."""
    rows = await tx.fetch(
        "SELECT prize, number, status FROM raffles_winners WHERE tenant_id = $1 AND raffle_id = $2 ORDER BY place",
        tx.tenant_id,
        raffle_id,
    )
    return [dict(row) for row in rows]


async def winners_of(tx: Transaction, raffle_id: UUID, entrant_id: UUID) -> list[Winner]:
    """Return an entrant's drawn tickets that have, or had, a prize."""
    rows = await tx.fetch(
        f"{_WINNERS} AND w.entrant_id = $3 AND w.prize IS NOT NULL ORDER BY w.place",
        tx.tenant_id,
        raffle_id,
        entrant_id,
    )
    return [_winner(row) for row in rows]


def move(tx: Transaction, raffle_id: UUID, winner: Winner, to: WinnerStatus, *, order_id: UUID | None = None) -> Write:
    """Return the write that changes a drawn ticket's status; it fails if the status has changed since it was read."""
    return write(
        "UPDATE raffles_winners SET status = $4, order_id = $5, updated_at = kit_now()"
        " WHERE tenant_id = $1 AND raffle_id = $2 AND place = $3 AND status = $6",
        tx.tenant_id,
        raffle_id,
        winner.place,
        to,
        order_id,
        winner.status,
        rows=1,
        otherwise=RaffleChanged,
    )


def promote(tx: Transaction, raffle_id: UUID, reserve: Winner, *, prize: int, claim_by: datetime) -> Write:
    """Return the write that gives a prize to a reserve; a unique index allows one current winner of a prize."""
    return write(
        "UPDATE raffles_winners SET status = 'winner', prize = $4, claim_by = $5, updated_at = kit_now()"
        " WHERE tenant_id = $1 AND raffle_id = $2 AND place = $3 AND status = 'reserve'",
        tx.tenant_id,
        raffle_id,
        reserve.place,
        prize,
        claim_by,
        rows=1,
        otherwise=RaffleChanged,
    )


async def is_entered(tx: Transaction, raffle_id: UUID, number: int) -> bool:
    """Return whether there is a valid ticket with this number."""
    found: bool = await tx.fetchval(
        "SELECT EXISTS (SELECT FROM raffles_tickets t WHERE t.tenant_id = $1 AND t.raffle_id = $2 AND t.number = $3"
        f" AND t.status = 'valid' AND {IS_ENTERED})",
        tx.tenant_id,
        raffle_id,
        number,
    )
    return found


def propose_disqualification(tx: Transaction, raffle_id: UUID, decision: Disqualification) -> Write:
    """Return the write that stores a proposal to disqualify a ticket; a ticket has at most one."""
    return write(
        "INSERT INTO raffles_skips (tenant_id, raffle_id, number, reason, note, proposed_by, proposed_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        tx.tenant_id,
        raffle_id,
        decision.number,
        decision.reason,
        decision.note,
        decision.proposed_by,
        decision.proposed_at,
        rows=1,
        otherwise=DisqualificationDecided,
    )


def confirm_disqualification(tx: Transaction, raffle_id: UUID, number: int, *, confirmed_by: UUID) -> Write:
    """Return the write that confirms a proposal; it fails if the same person proposed it."""
    return write(
        "UPDATE raffles_skips SET confirmed_by = $4, confirmed_at = kit_now() WHERE tenant_id = $1"
        " AND raffle_id = $2 AND number = $3 AND confirmed_by IS NULL AND proposed_by <> $4",
        tx.tenant_id,
        raffle_id,
        number,
        confirmed_by,
        rows=1,
        otherwise=DisqualificationDecided,
    )


async def disqualifications(tx: Transaction, raffle_id: UUID) -> list[Disqualification]:
    """Return every disqualification of a raffle, proposed or confirmed, sorted by ticket number."""
    rows = await tx.fetch(f"{_DISQUALIFICATIONS} ORDER BY number", tx.tenant_id, raffle_id)
    return [_disqualification(row) for row in rows]


async def disqualification(tx: Transaction, raffle_id: UUID, number: int) -> Disqualification | None:
    """Return the disqualification of a ticket, proposed or confirmed, if there is one."""
    row = await tx.fetchrow(f"{_DISQUALIFICATIONS} AND number = $3", tx.tenant_id, raffle_id, number)
    return _disqualification(row) if row else None


async def confirmed_disqualifications(tx: Transaction, raffle_id: UUID) -> Mapping[int, SkipReason]:
    """Return the confirmed disqualifications: the reason by ticket number."""
    rows = await tx.fetch(
        "SELECT number, reason FROM raffles_skips WHERE tenant_id = $1 AND raffle_id = $2 AND confirmed_by IS NOT NULL",
        tx.tenant_id,
        raffle_id,
    )
    return {row["number"]: SkipReason(row["reason"]) for row in rows}


def _winner(row: Any) -> Winner:
    values = dict(row)
    status, reason = WinnerStatus(values.pop("status")), values.pop("skip_reason")
    return Winner(**values, status=status, skip_reason=SkipReason(reason) if reason else None)


def _disqualification(row: Any) -> Disqualification:
    return Disqualification(**{**row, "reason": SkipReason(row["reason"])})
