"""Locking, drawing and proving."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write, write
from luxewin.modules.raffles.domain.anchoring import RECEIPT
from luxewin.modules.raffles.domain.bundles import Receipt
from luxewin.modules.raffles.domain.draws import Draw, Lock
from luxewin.modules.raffles.domain.entries import Entries
from luxewin.modules.raffles.domain.outcome import Place
from luxewin.modules.raffles.domain.raffles import Counts
from luxewin.modules.raffles.errors import RaffleChanged
from luxewin.modules.raffles.repository import anchors

_PAGE = 10_000
_TO_BE_SHOWN = (
    "EXISTS (SELECT FROM raffles_cancellations x WHERE x.tenant_id = r.tenant_id AND x.raffle_id = r.id"
    " AND x.confirmed_by IS NOT NULL) AND NOT EXISTS (SELECT FROM raffles_draws d"
    " WHERE d.tenant_id = r.tenant_id AND d.raffle_id = r.id)"
)
"""Two people have cancelled it, and what its round would have given is not known yet."""


async def busy_tenants(connection: Any) -> list[UUID]:
    """Return the tenants that have raffles which go on, or purchases to give back; for the system's role."""
    rows = await connection.fetch(
        "SELECT tenant_id FROM raffles_raffles WHERE status IN ('open', 'locked', 'anchored', 'drawn')"
        " UNION SELECT r.tenant_id"
        " FROM raffles_raffles r WHERE r.status = 'cancelled' AND (EXISTS (SELECT FROM raffles_purchases p"
        " WHERE p.tenant_id = r.tenant_id AND p.raffle_id = r.id AND p.status IN ('pending', 'paid'))"
        f" OR {_TO_BE_SHOWN})"
    )
    return [row["tenant_id"] for row in rows]


async def due(tx: Transaction, *, limit: int) -> list[UUID]:
    """Return raffles that have something to do by time, those first that closed first."""
    rows = await tx.fetch(
        "SELECT r.id FROM raffles_raffles r JOIN raffles_counters c ON c.tenant_id = r.tenant_id AND c.raffle_id = r.id"
        " WHERE r.tenant_id = $1 AND (r.status = 'open' AND (r.closes_at <= kit_now()"
        " OR r.closes_when_sold_out AND c.sold = c.capacity) OR (r.status = 'anchored' OR r.status = 'locked'"
        f" AND NOT r.with_anchor OR r.status = 'cancelled' AND {_TO_BE_SHOWN})"
        " AND r.closes_at + make_interval(secs => r.draw_delay_seconds) <= kit_now())"
        " ORDER BY r.closes_at LIMIT $2",
        tx.tenant_id,
        limit,
    )
    return [row["id"] for row in rows]


async def due_cancelled(tx: Transaction, *, limit: int) -> list[UUID]:
    """Return cancelled raffles that have not ended all their purchases."""
    rows = await tx.fetch(
        "SELECT r.id FROM raffles_raffles r WHERE r.tenant_id = $1 AND r.status = 'cancelled' AND EXISTS (SELECT"
        " FROM raffles_purchases p WHERE p.tenant_id = r.tenant_id AND p.raffle_id = r.id"
        " AND p.status IN ('pending', 'paid')) LIMIT $2",
        tx.tenant_id,
        limit,
    )
    return [row["id"] for row in rows]


def stop_selling(tx: Transaction, raffle_id: UUID) -> Write:
    """Return the write that lets nobody order any more; doing it again changes nothing."""
    return write(
        "UPDATE raffles_counters SET selling = false WHERE tenant_id = $1 AND raffle_id = $2 AND selling",
        tx.tenant_id,
        raffle_id,
    )


def sell_on(tx: Transaction, raffle_id: UUID) -> Write:
    """Return the write that takes a stop of the sales back, for a raffle that closes later."""
    return write(
        "UPDATE raffles_counters SET selling = true"
        " WHERE tenant_id = $1 AND raffle_id = $2 AND NOT selling AND NOT locked",
        tx.tenant_id,
        raffle_id,
    )


async def lock_counter(tx: Transaction, raffle_id: UUID) -> Counts:
    """Lock a raffle's counter until the commit: nothing is issued, released or given back meanwhile."""
    row = await tx.fetchrow(
        "SELECT sold, held, voided FROM raffles_counters WHERE tenant_id = $1 AND raffle_id = $2 FOR NO KEY UPDATE",
        tx.tenant_id,
        raffle_id,
    )
    assert row is not None, "a raffle that was published has a counter"
    return Counts(row["sold"], row["held"], row["voided"])


def close_list(tx: Transaction, raffle_id: UUID) -> Write:
    """Return the write after which no ticket of a raffle comes or goes."""
    return write(
        "UPDATE raffles_counters SET locked = true, selling = false"
        " WHERE tenant_id = $1 AND raffle_id = $2 AND held = 0 AND NOT locked",
        tx.tenant_id,
        raffle_id,
        rows=1,
        otherwise=RaffleChanged,
    )


def reopen_list(tx: Transaction, raffle_id: UUID) -> Write:
    """Return the write that lets the tickets of a locked list be given back, for a raffle that ends without a draw."""
    return write(
        "UPDATE raffles_counters SET locked = false WHERE tenant_id = $1 AND raffle_id = $2 AND locked",
        tx.tenant_id,
        raffle_id,
        rows=1,
        otherwise=RaffleChanged,
    )


async def entries(tx: Transaction, raffle_id: UUID) -> Entries:
    """Return a raffle's entries in order of number, page by page: no statement takes long, however many."""
    found = Entries()
    last = 0
    while True:
        row = await tx.fetchrow(
            "SELECT array_agg(t.number ORDER BY t.number) AS numbers,"
            " string_agg(t.commit, ''::bytea ORDER BY t.number) AS commits,"
            " string_agg(uuid_send(t.entrant_id), ''::bytea ORDER BY t.number) AS holders"
            " FROM (SELECT number, commit, entrant_id FROM raffles_tickets WHERE tenant_id = $1 AND raffle_id = $2"
            " AND number > $3 AND (status = 'valid' OR was_entered) ORDER BY number LIMIT $4) AS t",
            tx.tenant_id,
            raffle_id,
            last,
            _PAGE,
        )
        assert row is not None, "an aggregate without GROUP BY always has a row"
        if row["numbers"] is None:
            return found
        found.extend(row["numbers"], commits=row["commits"], holders=row["holders"])
        last = row["numbers"][-1]


def add_lock(tx: Transaction, lock: Lock, *, rules_version: int) -> Write:
    """Return the write that keeps a receipt."""
    receipt = lock.receipt
    return write(
        "INSERT INTO raffles_locks (tenant_id, raffle_id, rules_version, entries, merkle_root, round, locked_at,"
        " receipt_signature) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        tx.tenant_id,
        receipt.raffle_id,
        rules_version,
        receipt.entries,
        receipt.merkle_root,
        receipt.round_number,
        receipt.locked_at,
        lock.signature,
    )


async def lock_of(tx: Transaction, raffle_id: UUID) -> Lock | None:
    """Return the receipt of a raffle, if it was locked."""
    row = await tx.fetchrow(
        "SELECT l.entries, l.merkle_root, l.round, l.locked_at, l.receipt_signature, r.hash FROM raffles_locks l"
        " JOIN raffles_rules r ON r.tenant_id = l.tenant_id AND r.raffle_id = l.raffle_id"
        " AND r.rules_version = l.rules_version WHERE l.tenant_id = $1 AND l.raffle_id = $2",
        tx.tenant_id,
        raffle_id,
    )
    if row is None:
        return None
    receipt = Receipt(
        raffle_id=raffle_id,
        rules_hash=row["hash"],
        merkle_root=row["merkle_root"],
        entries=row["entries"],
        round_number=row["round"],
        locked_at=row["locked_at"],
    )
    anchored = await anchors.found(tx, raffle_id, RECEIPT)
    return Lock(receipt, row["receipt_signature"], None if anchored is None else anchored.document())


def add_draw(tx: Transaction, raffle_id: UUID, draw: Draw) -> Write:
    """Return the write that keeps what decided a raffle; it is refused where somebody else was first."""
    return write(
        "INSERT INTO raffles_draws (tenant_id, raffle_id, beacon_signature, lies, seed, positions, outcome,"
        " bundle_signature, drawn_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, kit_now()) ON CONFLICT DO NOTHING",
        tx.tenant_id,
        raffle_id,
        draw.beacon_signature,
        list(draw.lies),
        draw.seed,
        list(draw.positions),
        orjson.dumps(draw.outcome).decode(),
        draw.bundle_signature,
        rows=1,
        otherwise=RaffleChanged,
    )


async def draw_of(tx: Transaction, raffle_id: UUID) -> Draw | None:
    """Return what decided a raffle, if it was drawn."""
    row = await tx.fetchrow(
        "SELECT beacon_signature, lies, seed, positions, outcome, bundle_signature FROM raffles_draws"
        " WHERE tenant_id = $1 AND raffle_id = $2",
        tx.tenant_id,
        raffle_id,
    )
    return Draw(**{**row, "outcome": orjson.loads(row["outcome"])}) if row else None


def add_winners(tx: Transaction, raffle_id: UUID, places: Sequence[tuple[Place, UUID]], *, claim_by: datetime) -> Write:
    """Return the write that keeps who won, and who is in reserve, in the order in which they were drawn."""
    return write(
        "INSERT INTO raffles_winners (tenant_id, raffle_id, place, prize, number, entrant_id, status, updated_at,"
        " claim_by) SELECT $1, $2, w.place, w.prize, w.number, w.entrant_id,"
        " CASE WHEN w.prize IS NULL THEN 'reserve' ELSE 'winner' END, kit_now(),"
        " CASE WHEN w.prize IS NOT NULL THEN $6::timestamptz END"
        " FROM unnest($3::int[], $4::int[], $5::uuid[]) WITH ORDINALITY AS w(prize, number, entrant_id, place)",
        tx.tenant_id,
        raffle_id,
        [place.prize for place, _ in places],
        [place.ticket.number for place, _ in places],
        [entrant_id for _, entrant_id in places],
        claim_by,
    )


async def sealed_salts_of(tx: Transaction, raffle_id: UUID, numbers: Sequence[int]) -> list[tuple[UUID, int, bytes]]:
    """Return the purchases that hold these tickets: id, first number, sealed salts."""
    rows = await tx.fetch(
        "SELECT p.id, p.first_number, p.sealed_salts FROM raffles_purchases p WHERE p.tenant_id = $1 AND p.id IN"
        " (SELECT t.purchase_id FROM raffles_tickets t WHERE t.tenant_id = $1 AND t.raffle_id = $2"
        " AND t.number = ANY($3::int[]))",
        tx.tenant_id,
        raffle_id,
        numbers,
    )
    return [(row["id"], row["first_number"], row["sealed_salts"]) for row in rows]


async def paid_minor(tx: Transaction, raffle_id: UUID) -> int:
    """Return what a raffle's paid purchases cost."""
    total = await tx.fetchval(
        "SELECT coalesce(sum(amount_minor), 0) FROM raffles_purchases"
        " WHERE tenant_id = $1 AND raffle_id = $2 AND status = 'paid'",
        tx.tenant_id,
        raffle_id,
    )
    return int(total)


async def drawn_after(tx: Transaction, after: UUID | None) -> UUID | None:
    """Return the next drawn raffle, in the order of their ids."""
    found: UUID | None = await tx.fetchval(
        "SELECT raffle_id FROM raffles_draws WHERE tenant_id = $1 AND ($2::uuid IS NULL OR raffle_id > $2)"
        " ORDER BY raffle_id LIMIT 1",
        tx.tenant_id,
        after,
    )
    return found


async def drawn_numbers(tx: Transaction, raffle_id: UUID) -> list[int]:
    """Return the tickets that were drawn to prizes and reserve places, in order."""
    rows = await tx.fetch(
        "SELECT number FROM raffles_winners WHERE tenant_id = $1 AND raffle_id = $2 ORDER BY place",
        tx.tenant_id,
        raffle_id,
    )
    return [row["number"] for row in rows]
