"""Locked lists, draws and winners."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write, write
from luxewin.modules.raffles.domain.anchoring import RECEIPT
from luxewin.modules.raffles.domain.bundles import Receipt
from luxewin.modules.raffles.domain.draws import Draw, LeftOut, Lock
from luxewin.modules.raffles.domain.entries import Entries
from luxewin.modules.raffles.domain.outcome import Award
from luxewin.modules.raffles.domain.raffles import Counts
from luxewin.modules.raffles.errors import RaffleChanged
from luxewin.modules.raffles.repository import anchors
from luxewin.modules.raffles.repository.entries import IS_ENTERED

_PAGE = 10_000
_NEEDS_HYPOTHETICAL_DRAW = (
    "EXISTS (SELECT FROM raffles_cancellations x WHERE x.tenant_id = r.tenant_id AND x.raffle_id = r.id"
    " AND x.confirmed_by IS NOT NULL) AND NOT EXISTS (SELECT FROM raffles_draws d"
    " WHERE d.tenant_id = r.tenant_id AND d.raffle_id = r.id)"
)
"""Two people cancelled the raffle after its lock, and its hypothetical draw is not recorded yet."""


async def tenants_with_due_raffles(connection: Any) -> list[UUID]:
    """Return the tenants with raffles that have not ended, or with purchases to refund; needs the system role."""
    rows = await connection.fetch(
        "SELECT tenant_id FROM raffles_raffles WHERE status IN ('open', 'locked', 'anchored', 'drawn')"
        " UNION SELECT r.tenant_id"
        " FROM raffles_raffles r WHERE r.status = 'cancelled' AND (EXISTS (SELECT FROM raffles_purchases p"
        " WHERE p.tenant_id = r.tenant_id AND p.raffle_id = r.id AND p.status IN ('pending', 'paid'))"
        f" OR {_NEEDS_HYPOTHETICAL_DRAW})"
    )
    return [row["tenant_id"] for row in rows]


async def due(tx: Transaction, *, limit: int) -> list[UUID]:
    """Return raffles that are due to be closed, locked or drawn, the earliest closing time first."""
    rows = await tx.fetch(
        "SELECT r.id FROM raffles_raffles r JOIN raffles_counters c ON c.tenant_id = r.tenant_id AND c.raffle_id = r.id"
        " WHERE r.tenant_id = $1 AND (r.status = 'open' AND (r.closes_at <= kit_now()"
        " OR r.closes_when_sold_out AND c.sold = c.capacity) OR (r.status = 'anchored' OR r.status = 'locked'"
        f" AND NOT r.with_anchor OR r.status = 'cancelled' AND {_NEEDS_HYPOTHETICAL_DRAW})"
        " AND r.closes_at + make_interval(secs => r.draw_delay_seconds) <= kit_now())"
        " ORDER BY r.closes_at LIMIT $2",
        tx.tenant_id,
        limit,
    )
    return [row["id"] for row in rows]


async def due_cancelled(tx: Transaction, *, limit: int) -> list[UUID]:
    """Return cancelled raffles that still have purchases to refund or to end."""
    rows = await tx.fetch(
        "SELECT r.id FROM raffles_raffles r WHERE r.tenant_id = $1 AND r.status = 'cancelled' AND EXISTS (SELECT"
        " FROM raffles_purchases p WHERE p.tenant_id = r.tenant_id AND p.raffle_id = r.id"
        " AND p.status IN ('pending', 'paid')) LIMIT $2",
        tx.tenant_id,
        limit,
    )
    return [row["id"] for row in rows]


def stop_sales(tx: Transaction, raffle_id: UUID) -> Write:
    """Return the write that stops the sales of a raffle; repeating it changes nothing."""
    return write(
        "UPDATE raffles_counters SET selling = false WHERE tenant_id = $1 AND raffle_id = $2 AND selling",
        tx.tenant_id,
        raffle_id,
    )


def resume_sales(tx: Transaction, raffle_id: UUID) -> Write:
    """Return the write that resumes the sales of a raffle that was rescheduled after its sales were stopped."""
    return write(
        "UPDATE raffles_counters SET selling = true"
        " WHERE tenant_id = $1 AND raffle_id = $2 AND NOT selling AND NOT locked",
        tx.tenant_id,
        raffle_id,
    )


async def lock_counter(tx: Transaction, raffle_id: UUID) -> Counts:
    """Lock the row of a raffle's counter until the transaction ends, and return the counts."""
    row = await tx.fetchrow(
        "SELECT sold, held, voided FROM raffles_counters WHERE tenant_id = $1 AND raffle_id = $2 FOR NO KEY UPDATE",
        tx.tenant_id,
        raffle_id,
    )
    assert row is not None, "a published raffle has a counter"
    return Counts(row["sold"], row["held"], row["voided"])


def lock_list(tx: Transaction, raffle_id: UUID) -> Write:
    """Return the write that locks the list of entries: no ticket is added or voided afterwards."""
    return write(
        "UPDATE raffles_counters SET locked = true, selling = false"
        " WHERE tenant_id = $1 AND raffle_id = $2 AND held = 0 AND NOT locked",
        tx.tenant_id,
        raffle_id,
        rows=1,
        otherwise=RaffleChanged,
    )


def reopen_list(tx: Transaction, raffle_id: UUID) -> Write:
    """Return the write that unlocks the list of entries of a cancelled raffle, so that its tickets can be voided."""
    return write(
        "UPDATE raffles_counters SET locked = false WHERE tenant_id = $1 AND raffle_id = $2 AND locked",
        tx.tenant_id,
        raffle_id,
        rows=1,
        otherwise=RaffleChanged,
    )


def leave_out_disputed(tx: Transaction, raffle_id: UUID, order_ids: Sequence[UUID]) -> Write:
    """Return the write that leaves the valid tickets of these orders out of the list, which is not locked yet."""
    return write(
        "INSERT INTO raffles_left_out (tenant_id, raffle_id, number, reason)"
        " SELECT t.tenant_id, t.raffle_id, t.number, 'disputed' FROM raffles_purchases p JOIN raffles_tickets t"
        " ON t.tenant_id = p.tenant_id AND t.purchase_id = p.id WHERE p.tenant_id = $1 AND p.raffle_id = $2"
        " AND p.order_id = ANY($3::uuid[]) AND t.status = 'valid' ON CONFLICT DO NOTHING",
        tx.tenant_id,
        raffle_id,
        order_ids,
    )


async def left_out(tx: Transaction, raffle_id: UUID) -> list[LeftOut]:
    """Return the tickets that were left out of a list, sorted by number."""
    rows = await tx.fetch(
        "SELECT number, reason FROM raffles_left_out WHERE tenant_id = $1 AND raffle_id = $2 ORDER BY number",
        tx.tenant_id,
        raffle_id,
    )
    return [LeftOut(row["number"], row["reason"]) for row in rows]


async def entries(tx: Transaction, raffle_id: UUID) -> Entries:
    """Return a raffle's entries sorted by number; they are read in pages, so that no statement takes long."""
    found = Entries()
    last = 0
    while True:
        row = await tx.fetchrow(
            "SELECT array_agg(t.number ORDER BY t.number) AS numbers,"
            " string_agg(t.commit, ''::bytea ORDER BY t.number) AS commits,"
            " string_agg(uuid_send(t.entrant_id), ''::bytea ORDER BY t.number) AS holders"
            " FROM (SELECT t.number, t.commit, t.entrant_id FROM raffles_tickets t WHERE t.tenant_id = $1"
            f" AND t.raffle_id = $2 AND t.number > $3 AND {IS_ENTERED} ORDER BY t.number LIMIT $4) AS t",
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
    """Return the write that stores a receipt."""
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
    """Return the receipt of a raffle, if its list is locked."""
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
    anchored = await anchors.find(tx, raffle_id, RECEIPT)
    return Lock(receipt, row["receipt_signature"], None if anchored is None else anchored.document())


def add_draw(tx: Transaction, raffle_id: UUID, draw: Draw) -> Write:
    """Return the write that stores a draw; it fails if the raffle already has one."""
    return write(
        "INSERT INTO raffles_draws (tenant_id, raffle_id, beacon_signature, lies, seed, positions, outcome,"
        " bundle_signature, drawn_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, kit_now()) ON CONFLICT DO NOTHING",
        tx.tenant_id,
        raffle_id,
        draw.beacon_signature,
        list(draw.invalid_answers),
        draw.seed,
        list(draw.positions),
        orjson.dumps(draw.outcome).decode(),
        draw.bundle_signature,
        rows=1,
        otherwise=RaffleChanged,
    )


async def draw_of(tx: Transaction, raffle_id: UUID) -> Draw | None:
    """Return the stored draw of a raffle, if there is one."""
    row = await tx.fetchrow(
        "SELECT beacon_signature, lies AS invalid_answers, seed, positions, outcome, bundle_signature"
        " FROM raffles_draws WHERE tenant_id = $1 AND raffle_id = $2",
        tx.tenant_id,
        raffle_id,
    )
    return Draw(**{**row, "outcome": orjson.loads(row["outcome"])}) if row else None


def add_winners(tx: Transaction, raffle_id: UUID, awards: Sequence[tuple[Award, UUID]], *, claim_by: datetime) -> Write:
    """Return the write that stores the winners and then the reserves with their holders, in the order of the draw."""
    return write(
        "INSERT INTO raffles_winners (tenant_id, raffle_id, place, prize, number, entrant_id, status, updated_at,"
        " claim_by) SELECT $1, $2, w.place, w.prize, w.number, w.entrant_id,"
        " CASE WHEN w.prize IS NULL THEN 'reserve' ELSE 'winner' END, kit_now(),"
        " CASE WHEN w.prize IS NOT NULL THEN $6::timestamptz END"
        " FROM unnest($3::int[], $4::int[], $5::uuid[]) WITH ORDINALITY AS w(prize, number, entrant_id, place)",
        tx.tenant_id,
        raffle_id,
        [award.prize for award, _ in awards],
        [award.ticket.number for award, _ in awards],
        [entrant_id for _, entrant_id in awards],
        claim_by,
    )


async def sealed_salts_of(tx: Transaction, raffle_id: UUID, numbers: Sequence[int]) -> list[tuple[UUID, int, bytes]]:
    """Return the purchases of these tickets: id, first number, sealed salts."""
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
    """Return the total of a raffle's paid purchases, in minor units."""
    total = await tx.fetchval(
        "SELECT coalesce(sum(amount_minor), 0) FROM raffles_purchases"
        " WHERE tenant_id = $1 AND raffle_id = $2 AND status = 'paid'",
        tx.tenant_id,
        raffle_id,
    )
    return int(total)


async def next_drawn_raffle(tx: Transaction, after: UUID | None) -> UUID | None:
    """Return the drawn raffle with the lowest id above `after`; None if there is none."""
    found: UUID | None = await tx.fetchval(
        "SELECT raffle_id FROM raffles_draws WHERE tenant_id = $1 AND ($2::uuid IS NULL OR raffle_id > $2)"
        " ORDER BY raffle_id LIMIT 1",
        tx.tenant_id,
        after,
    )
    return found


async def drawn_numbers(tx: Transaction, raffle_id: UUID) -> list[int]:
    """Return the ticket numbers of winners and reserves, in the order of the draw."""
    rows = await tx.fetch(
        "SELECT number FROM raffles_winners WHERE tenant_id = $1 AND raffle_id = $2 ORDER BY place",
        tx.tenant_id,
        raffle_id,
    )
    return [row["number"] for row in rows]
