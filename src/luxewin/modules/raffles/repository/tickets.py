"""Purchases, tickets, holdings, and the counter of each raffle.

Rows are locked in one order: orders, purchases, holdings, counters. So there are no deadlocks, and the counter, which
all buyers of a raffle update, is locked as briefly as possible.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from luxewin.kit.money import Money
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write, write
from luxewin.modules.raffles.domain.tickets import Purchase, PurchaseStatus, TicketLine
from luxewin.modules.raffles.errors import PersonalLimitReached, RaffleSoldOut, TicketsFinal, TicketsMoved

_COLUMNS = (
    "p.id, p.raffle_id, p.order_id, p.entrant_id, p.quantity, p.currency, p.amount_minor, p.status, p.first_number,"
    " p.created_at"
)
_PURCHASES = f"SELECT {_COLUMNS} FROM raffles_purchases p"


def add_counter(tx: Transaction, raffle_id: UUID, *, capacity: int) -> Write:
    """Return the write that creates the counter of a raffle, with sales open."""
    return write(
        "INSERT INTO raffles_counters (tenant_id, raffle_id, capacity, sold, held, voided, selling, locked)"
        " VALUES ($1, $2, $3, 0, 0, 0, true, false)",
        tx.tenant_id,
        raffle_id,
        capacity,
    )


def add_purchases(
    tx: Transaction,
    lines: Sequence[TicketLine],
    *,
    order_id: UUID | None,
    entrant_id: UUID,
    commits: Sequence[bytes],
    sealed_salts: Sequence[bytes],
) -> Write:
    """Return the write that stores pending purchases."""
    return write(
        "INSERT INTO raffles_purchases (tenant_id, id, raffle_id, order_id, entrant_id, quantity, currency,"
        " amount_minor, status, commits, sealed_salts, created_at, updated_at)"
        " SELECT $1, p.id, p.raffle_id, $2, $3, p.quantity, p.currency, p.amount_minor, 'pending', p.commits,"
        " p.sealed_salts, kit_now(), kit_now() FROM unnest($4::uuid[], $5::uuid[], $6::int[], $7::text[],"
        " $8::bigint[], $9::bytea[], $10::bytea[])"
        " AS p(id, raffle_id, quantity, currency, amount_minor, commits, sealed_salts)",
        tx.tenant_id,
        order_id,
        entrant_id,
        [line.id for line in lines],
        [line.raffle_id for line in lines],
        [line.quantity for line in lines],
        [line.amount.currency for line in lines],
        [line.amount.minor for line in lines],
        list(commits),
        list(sealed_salts),
    )


def add_to_holdings(tx: Transaction, lines: Sequence[TicketLine], *, entrant_id: UUID) -> Write:
    """Return the write that adds to an entrant's holdings; it fails if the rules allow fewer tickets."""
    return write(
        "INSERT INTO raffles_holdings AS h (tenant_id, raffle_id, entrant_id, tickets)"
        " SELECT $1, s.raffle_id, $2, s.quantity FROM unnest($3::uuid[], $4::int[], $5::int[])"
        " AS s(raffle_id, quantity, most) WHERE s.quantity <= s.most ORDER BY s.raffle_id"
        " ON CONFLICT (tenant_id, raffle_id, entrant_id) DO UPDATE SET tickets = h.tickets + excluded.tickets"
        " WHERE h.tickets + excluded.tickets <= (SELECT l.most FROM unnest($3::uuid[], $5::int[])"
        " AS l(raffle_id, most) WHERE l.raffle_id = h.raffle_id)",
        tx.tenant_id,
        entrant_id,
        [line.raffle_id for line in lines],
        [line.quantity for line in lines],
        [line.limit for line in lines],
        rows=len(lines),
        otherwise=PersonalLimitReached,
    )


def hold(tx: Transaction, lines: Sequence[TicketLine]) -> Write:
    """Return the write that reserves capacity; it fails if fewer tickets are left, or sales are stopped."""
    return write(
        "UPDATE raffles_counters c SET held = c.held + s.quantity"
        " FROM (SELECT * FROM unnest($2::uuid[], $3::int[]) AS s(raffle_id, quantity) ORDER BY 1) AS s"
        " WHERE c.tenant_id = $1 AND c.raffle_id = s.raffle_id AND c.selling"
        " AND c.sold + c.held + s.quantity <= c.capacity",
        tx.tenant_id,
        [line.raffle_id for line in lines],
        [line.quantity for line in lines],
        rows=len(lines),
        otherwise=RaffleSoldOut,
    )


def issue(tx: Transaction, order_id: UUID, *, count: int) -> Write:
    """Return the write that marks an order's purchases as paid, and issues their tickets with the next numbers.

    The counters stay locked until the commit, so that numbers have no gap; they are locked in order of raffle id, so
    that two orders of the same raffles do not deadlock. If another transaction has ended a pending purchase, the write
    affects fewer rows than `count` and fails.
    """
    return write(
        "WITH n AS MATERIALIZED (SELECT p.id, raffles_issue(p.tenant_id, p.id) AS first_number"
        " FROM raffles_purchases p WHERE p.tenant_id = $1 AND p.order_id = $2 AND p.status = 'pending'"
        " ORDER BY p.raffle_id) UPDATE raffles_purchases p SET status = 'paid', first_number = n.first_number,"
        " updated_at = kit_now() FROM n WHERE p.tenant_id = $1 AND p.id = n.id AND p.status = 'pending'",
        tx.tenant_id,
        order_id,
        rows=count,
        otherwise=TicketsMoved,
    )


def issue_free(tx: Transaction, purchase_id: UUID) -> Write:
    """Return the write that marks a free entry as paid, and issues its tickets."""
    return write(
        "UPDATE raffles_purchases p SET status = 'paid', first_number = raffles_issue(p.tenant_id, p.id),"
        " updated_at = kit_now() WHERE p.tenant_id = $1 AND p.id = $2 AND p.order_id IS NULL AND p.status = 'pending'",
        tx.tenant_id,
        purchase_id,
        rows=1,
        otherwise=TicketsMoved,
    )


def end_pending(tx: Transaction, order_id: UUID, status: PurchaseStatus, *, count: int) -> list[Write]:
    """Return the writes that end an order's pending purchases, and release their holdings and capacity."""
    pending = (
        "(SELECT raffle_id, entrant_id, quantity FROM raffles_purchases"
        " WHERE tenant_id = $1 AND order_id = $2 AND status = 'pending' ORDER BY raffle_id) AS p"
    )
    return [
        write(
            "UPDATE raffles_purchases p SET status = $3, updated_at = kit_now()"
            " WHERE p.tenant_id = $1 AND p.order_id = $2 AND p.status = 'pending'",
            tx.tenant_id,
            order_id,
            status,
            rows=count,
            otherwise=TicketsMoved,
        ),
        write(
            f"UPDATE raffles_holdings h SET tickets = h.tickets - p.quantity FROM {pending}"
            " WHERE h.tenant_id = $1 AND h.raffle_id = p.raffle_id AND h.entrant_id = p.entrant_id"
            " AND h.tickets >= p.quantity",
            tx.tenant_id,
            order_id,
            rows=count,
            otherwise=TicketsMoved,
        ),
        write(
            f"UPDATE raffles_counters c SET held = c.held - p.quantity FROM {pending}"
            " WHERE c.tenant_id = $1 AND c.raffle_id = p.raffle_id AND c.held >= p.quantity",
            tx.tenant_id,
            order_id,
            rows=count,
            otherwise=TicketsMoved,
        ),
    ]


def void_purchases(tx: Transaction, purchases: Sequence[Purchase]) -> list[Write]:
    """Return the writes that mark paid purchases as refunded, and void their tickets; numbers are never reused.

    They fail if the list of a raffle is locked.
    """
    ids = [purchase.id for purchase in purchases]
    return [
        write(
            "UPDATE raffles_purchases p SET status = 'refunded', updated_at = kit_now()"
            " WHERE p.tenant_id = $1 AND p.id = ANY($2::uuid[]) AND p.status = 'paid'",
            tx.tenant_id,
            ids,
            rows=len(purchases),
            otherwise=TicketsMoved,
        ),
        _subtract_from_holdings(tx, purchases),
        write(
            "UPDATE raffles_tickets t SET status = 'void', was_entered = EXISTS (SELECT FROM raffles_locks l"
            " WHERE l.tenant_id = t.tenant_id AND l.raffle_id = t.raffle_id)"
            " WHERE t.tenant_id = $1 AND t.purchase_id = ANY($2::uuid[]) AND t.status = 'valid'",
            tx.tenant_id,
            ids,
            rows=sum(purchase.quantity for purchase in purchases),
            otherwise=TicketsMoved,
        ),
        write(
            "UPDATE raffles_counters c SET voided = c.voided + i.quantity"
            " FROM (SELECT raffle_id, sum(quantity)::int AS quantity FROM unnest($2::uuid[], $3::int[])"
            " AS i(raffle_id, quantity) GROUP BY 1 ORDER BY 1) AS i"
            " WHERE c.tenant_id = $1 AND c.raffle_id = i.raffle_id AND NOT c.locked"
            " AND c.voided + i.quantity <= c.sold",
            tx.tenant_id,
            [purchase.raffle_id for purchase in purchases],
            [purchase.quantity for purchase in purchases],
            rows=len({purchase.raffle_id for purchase in purchases}),
            otherwise=TicketsFinal,
        ),
    ]


def _subtract_from_holdings(tx: Transaction, purchases: Sequence[Purchase]) -> Write:
    """Return the write that subtracts from holdings; it fails if they are smaller, so of two refunds one fails."""
    holdings: Counter[tuple[UUID, UUID]] = Counter()
    for purchase in purchases:
        holdings[purchase.raffle_id, purchase.entrant_id] += purchase.quantity
    return write(
        "UPDATE raffles_holdings h SET tickets = h.tickets - p.quantity FROM (SELECT * FROM"
        " unnest($2::uuid[], $3::uuid[], $4::int[]) AS p(raffle_id, entrant_id, quantity) ORDER BY 1, 2) AS p"
        " WHERE h.tenant_id = $1 AND h.raffle_id = p.raffle_id AND h.entrant_id = p.entrant_id"
        " AND h.tickets >= p.quantity",
        tx.tenant_id,
        [raffle_id for raffle_id, _ in holdings],
        [entrant_id for _, entrant_id in holdings],
        list(holdings.values()),
        rows=len(holdings),
        otherwise=TicketsMoved,
    )


async def purchases(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, Purchase]:
    """Return purchases by id."""
    rows = await tx.fetch(f"{_PURCHASES} WHERE p.tenant_id = $1 AND p.id = ANY($2::uuid[])", tx.tenant_id, ids)
    return {row["id"]: _purchase(row) for row in rows}


async def order_of(tx: Transaction, raffle_id: UUID, number: int) -> UUID | None:
    """Return the order that bought a ticket; None for a free entry."""
    found: UUID | None = await tx.fetchval(
        "SELECT p.order_id FROM raffles_tickets t JOIN raffles_purchases p ON p.tenant_id = t.tenant_id"
        " AND p.id = t.purchase_id WHERE t.tenant_id = $1 AND t.raffle_id = $2 AND t.number = $3",
        tx.tenant_id,
        raffle_id,
        number,
    )
    return found


async def sealed_purchases_of_order(tx: Transaction, order_id: UUID) -> list[tuple[Purchase, bytes, bytes]]:
    """Return the purchases of an order, each with its commits and sealed salts."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS}, p.commits, p.sealed_salts FROM raffles_purchases p"
        " WHERE p.tenant_id = $1 AND p.order_id = $2 ORDER BY p.raffle_id, p.id",
        tx.tenant_id,
        order_id,
    )
    return [(_purchase(row), row["commits"], row["sealed_salts"]) for row in rows]


async def held_tickets(tx: Transaction, entrant_id: UUID, raffle_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Return, by raffle id, how many tickets an entrant holds, including those of pending purchases."""
    rows = await tx.fetch(
        "SELECT raffle_id, tickets FROM raffles_holdings"
        " WHERE tenant_id = $1 AND entrant_id = $2 AND raffle_id = ANY($3::uuid[])",
        tx.tenant_id,
        entrant_id,
        raffle_ids,
    )
    return {row["raffle_id"]: row["tickets"] for row in rows}


async def held_together(tx: Transaction, entrants: Sequence[UUID], raffle_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Return, by raffle id, how many tickets these entrants hold in total, including those of pending purchases."""
    rows = await tx.fetch(
        "SELECT raffle_id, sum(tickets)::int AS tickets FROM raffles_holdings"
        " WHERE tenant_id = $1 AND entrant_id = ANY($2::uuid[]) AND raffle_id = ANY($3::uuid[]) GROUP BY raffle_id",
        tx.tenant_id,
        list(entrants),
        raffle_ids,
    )
    return {row["raffle_id"]: row["tickets"] for row in rows}


async def page_of_entrant(
    tx: Transaction, entrant_id: UUID, *, before: tuple[datetime, UUID] | None, limit: int
) -> list[Purchase]:
    """Return a page of an entrant's purchases, newest first."""
    parameters: list[Any] = [tx.tenant_id, entrant_id, limit]
    condition = ""
    if before is not None:
        parameters.extend(before)
        condition = " AND (p.created_at, p.id) < ($4::timestamptz, $5::uuid)"
    rows = await tx.fetch(
        f"{_PURCHASES} WHERE p.tenant_id = $1 AND p.entrant_id = $2{condition}"
        " ORDER BY p.created_at DESC, p.id DESC LIMIT $3",
        *parameters,
    )
    return [_purchase(row) for row in rows]


async def list_in_status(
    tx: Transaction, raffle_id: UUID, status: PurchaseStatus, *, after: UUID, limit: int
) -> list[Purchase]:
    """Return purchases of a raffle in a status with ids above `after`, in order of id, at most `limit`."""
    rows = await tx.fetch(
        f"{_PURCHASES} WHERE p.tenant_id = $1 AND p.raffle_id = $2 AND p.status = $3 AND p.id > $4"
        " ORDER BY p.id LIMIT $5",
        tx.tenant_id,
        raffle_id,
        status,
        after,
        limit,
    )
    return [_purchase(row) for row in rows]


async def sealed_values(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, tuple[bytes, bytes]]:
    """Return the commits and sealed salts of purchases, by id."""
    rows = await tx.fetch(
        "SELECT id, commits, sealed_salts FROM raffles_purchases WHERE tenant_id = $1 AND id = ANY($2::uuid[])",
        tx.tenant_id,
        ids,
    )
    return {row["id"]: (row["commits"], row["sealed_salts"]) for row in rows}


async def purchases_in(tx: Transaction, raffle_id: UUID, entrant_id: UUID, *, after: int, limit: int) -> list[Purchase]:
    """Return an entrant's purchases of a raffle that have tickets above a number, sorted by number, at most `limit`."""
    rows = await tx.fetch(
        f"{_PURCHASES} WHERE p.tenant_id = $1 AND p.entrant_id = $2 AND p.raffle_id = $3"
        " AND p.first_number + p.quantity > $4 + 1 ORDER BY p.first_number LIMIT $5",
        tx.tenant_id,
        entrant_id,
        raffle_id,
        after,
        limit,
    )
    return [_purchase(row) for row in rows]


def _purchase(row: Any) -> Purchase:
    return Purchase(
        id=row["id"],
        raffle_id=row["raffle_id"],
        order_id=row["order_id"],
        entrant_id=row["entrant_id"],
        quantity=row["quantity"],
        amount=Money(row["amount_minor"], row["currency"]),
        status=PurchaseStatus(row["status"]),
        first_number=row["first_number"],
        created_at=row["created_at"],
    )
