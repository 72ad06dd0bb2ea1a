"""Purchases, tickets, and the counter at which they meet.

Whoever locks more than one row takes purchases first, then holdings, then counters: no two can wait for each other.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from luxewin.kit.money import Money
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write, write
from luxewin.modules.raffles.domain.tickets import Pending, Purchase, PurchaseStatus, Stake
from luxewin.modules.raffles.errors import PersonalLimitReached, RaffleSoldOut, TicketsFinal, TicketsMoved

_PURCHASES = (
    "SELECT p.id, p.raffle_id, p.order_id, p.entrant_id, p.quantity, p.currency, p.amount_minor, p.status,"
    " p.first_number, p.created_at FROM raffles_purchases p"
)
_PENDING = (
    "SELECT p.id, p.raffle_id, p.quantity, c.sold, kit_now() AS now FROM raffles_purchases p"
    " JOIN raffles_counters c ON c.tenant_id = p.tenant_id AND c.raffle_id = p.raffle_id"
    " WHERE p.tenant_id = $1 AND p.order_id = $2 AND p.status = 'pending' ORDER BY p.raffle_id"
)


def add_counter(tx: Transaction, raffle_id: UUID, *, capacity: int) -> Write:
    """Return the write that lets a raffle sell."""
    return write(
        "INSERT INTO raffles_counters (tenant_id, raffle_id, capacity, sold, held, voided, selling, locked)"
        " VALUES ($1, $2, $3, 0, 0, 0, true, false)",
        tx.tenant_id,
        raffle_id,
        capacity,
    )


def add_purchases(
    tx: Transaction,
    stakes: Sequence[Stake],
    *,
    order_id: UUID | None,
    entrant_id: UUID,
    commits: Sequence[bytes],
    sealed_salts: Sequence[bytes],
) -> Write:
    """Return the write that notes what is bought, waiting for its payment."""
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
        [stake.id for stake in stakes],
        [stake.raffle_id for stake in stakes],
        [stake.quantity for stake in stakes],
        [stake.amount.currency for stake in stakes],
        [stake.amount.minor for stake in stakes],
        list(commits),
        list(sealed_salts),
    )


def take_up(tx: Transaction, stakes: Sequence[Stake], *, entrant_id: UUID) -> Write:
    """Return the write that counts what an entrant holds; refused where the rules allow fewer."""
    return write(
        "INSERT INTO raffles_holdings AS h (tenant_id, raffle_id, entrant_id, tickets)"
        " SELECT $1, s.raffle_id, $2, s.quantity FROM unnest($3::uuid[], $4::int[], $5::int[])"
        " AS s(raffle_id, quantity, most) WHERE s.quantity <= s.most ORDER BY s.raffle_id"
        " ON CONFLICT (tenant_id, raffle_id, entrant_id) DO UPDATE SET tickets = h.tickets + excluded.tickets"
        " WHERE h.tickets + excluded.tickets <= (SELECT l.most FROM unnest($3::uuid[], $5::int[])"
        " AS l(raffle_id, most) WHERE l.raffle_id = h.raffle_id)",
        tx.tenant_id,
        entrant_id,
        [stake.raffle_id for stake in stakes],
        [stake.quantity for stake in stakes],
        [stake.limit for stake in stakes],
        rows=len(stakes),
        otherwise=PersonalLimitReached,
    )


def hold(tx: Transaction, stakes: Sequence[Stake]) -> Write:
    """Return the write that holds capacity for a payment; refused where fewer tickets are left, or sales have ended."""
    return write(
        "UPDATE raffles_counters c SET held = c.held + s.quantity"
        " FROM (SELECT * FROM unnest($2::uuid[], $3::int[]) AS s(raffle_id, quantity) ORDER BY 1) AS s"
        " WHERE c.tenant_id = $1 AND c.raffle_id = s.raffle_id AND c.selling"
        " AND c.sold + c.held + s.quantity <= c.capacity",
        tx.tenant_id,
        [stake.raffle_id for stake in stakes],
        [stake.quantity for stake in stakes],
        rows=len(stakes),
        otherwise=RaffleSoldOut,
    )


async def lock_pending(tx: Transaction, order_id: UUID) -> list[Pending]:
    """Lock an order's purchases that wait for their payment, and return them."""
    rows = await tx.fetch(f"{_PENDING} FOR NO KEY UPDATE OF p", tx.tenant_id, order_id)
    return [Pending(row["id"], row["raffle_id"], row["quantity"], row["sold"]) for row in rows]


async def lock_for_numbers(tx: Transaction, order_id: UUID) -> list[Pending]:
    """Lock an order's purchases that wait for their payment, and their raffles' counters, and return them.

    From here to the commit nobody else gets a number of these raffles, so that there is no gap.
    """
    rows = await tx.fetch(f"{_PENDING} FOR NO KEY UPDATE OF p, c", tx.tenant_id, order_id)
    if rows:
        tx.know_now(rows[0]["now"])
    return [Pending(row["id"], row["raffle_id"], row["quantity"], row["sold"]) for row in rows]


async def lock_paid(tx: Transaction, purchase_id: UUID) -> bool:
    """Lock a purchase until the commit, and tell whether it is paid."""
    status = await tx.fetchval(
        "SELECT status FROM raffles_purchases WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE",
        tx.tenant_id,
        purchase_id,
    )
    return bool(status == PurchaseStatus.PAID)


def issue(tx: Transaction, pending: Sequence[Pending]) -> list[Write]:
    """Return the writes that give the tickets of locked purchases their numbers."""
    ids = [purchase.id for purchase in pending]
    before = [purchase.sold for purchase in pending]
    return [
        write(
            "UPDATE raffles_purchases p SET status = 'paid', first_number = i.sold + 1, updated_at = kit_now()"
            " FROM unnest($2::uuid[], $3::int[]) AS i(id, sold)"
            " WHERE p.tenant_id = $1 AND p.id = i.id AND p.status = 'pending'",
            tx.tenant_id,
            ids,
            before,
            rows=len(pending),
            otherwise=TicketsMoved,
        ),
        write(
            "INSERT INTO raffles_tickets (tenant_id, raffle_id, number, purchase_id, entrant_id, commit, status)"
            " SELECT p.tenant_id, p.raffle_id, i.sold + n, p.id, p.entrant_id,"
            " substring(p.commits FROM 32 * (n - 1) + 1 FOR 32), 'valid'"
            " FROM unnest($2::uuid[], $3::int[]) AS i(id, sold)"
            " JOIN raffles_purchases p ON p.tenant_id = $1 AND p.id = i.id"
            " CROSS JOIN LATERAL generate_series(1, p.quantity) AS n",
            tx.tenant_id,
            ids,
            before,
            rows=sum(purchase.quantity for purchase in pending),
            otherwise=TicketsMoved,
        ),
        write(
            "UPDATE raffles_counters c SET sold = c.sold + i.quantity, held = c.held - i.quantity"
            " FROM unnest($2::uuid[], $3::int[], $4::int[]) AS i(raffle_id, quantity, sold)"
            " WHERE c.tenant_id = $1 AND c.raffle_id = i.raffle_id AND c.sold = i.sold AND NOT c.locked",
            tx.tenant_id,
            [purchase.raffle_id for purchase in pending],
            [purchase.quantity for purchase in pending],
            before,
            rows=len(pending),
            otherwise=TicketsMoved,
        ),
    ]


def end_pending(tx: Transaction, pending: Sequence[Pending], status: PurchaseStatus) -> list[Write]:
    """Return the writes that end locked purchases unpaid, and give their capacity back to the others."""
    ids = [purchase.id for purchase in pending]
    return [
        write(
            "UPDATE raffles_purchases p SET status = $3, updated_at = kit_now()"
            " WHERE p.tenant_id = $1 AND p.id = ANY($2::uuid[]) AND p.status = 'pending'",
            tx.tenant_id,
            ids,
            status,
            rows=len(pending),
            otherwise=TicketsMoved,
        ),
        _let_go(tx, ids),
        write(
            "UPDATE raffles_counters c SET held = c.held - i.quantity"
            " FROM (SELECT * FROM unnest($2::uuid[], $3::int[]) AS i(raffle_id, quantity) ORDER BY 1) AS i"
            " WHERE c.tenant_id = $1 AND c.raffle_id = i.raffle_id",
            tx.tenant_id,
            [purchase.raffle_id for purchase in pending],
            [purchase.quantity for purchase in pending],
            rows=len(pending),
            otherwise=TicketsMoved,
        ),
    ]


def give_back(tx: Transaction, purchases: Sequence[Purchase]) -> list[Write]:
    """Return the writes that void paid tickets; their numbers stay theirs, and nothing leaves a locked list."""
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
        _let_go(tx, ids),
        write(
            "UPDATE raffles_tickets t SET status = 'void'"
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
            " WHERE c.tenant_id = $1 AND c.raffle_id = i.raffle_id AND NOT c.locked",
            tx.tenant_id,
            [purchase.raffle_id for purchase in purchases],
            [purchase.quantity for purchase in purchases],
            rows=len({purchase.raffle_id for purchase in purchases}),
            otherwise=TicketsFinal,
        ),
    ]


def _let_go(tx: Transaction, purchase_ids: Sequence[UUID]) -> Write:
    """Return the write that counts an entrant's tickets down again."""
    return write(
        "UPDATE raffles_holdings h SET tickets = h.tickets - p.quantity FROM"
        " (SELECT raffle_id, entrant_id, sum(quantity)::int AS quantity FROM raffles_purchases"
        " WHERE tenant_id = $1 AND id = ANY($2::uuid[]) GROUP BY 1, 2 ORDER BY 1, 2) AS p"
        " WHERE h.tenant_id = $1 AND h.raffle_id = p.raffle_id AND h.entrant_id = p.entrant_id",
        tx.tenant_id,
        purchase_ids,
    )


async def purchases(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, Purchase]:
    """Return purchases by their ids."""
    rows = await tx.fetch(f"{_PURCHASES} WHERE p.tenant_id = $1 AND p.id = ANY($2::uuid[])", tx.tenant_id, ids)
    return {row["id"]: _purchase(row) for row in rows}


async def purchases_of_order(tx: Transaction, order_id: UUID) -> list[Purchase]:
    """Return what an order buys of raffles."""
    rows = await tx.fetch(
        f"{_PURCHASES} WHERE p.tenant_id = $1 AND p.order_id = $2 ORDER BY p.raffle_id, p.id", tx.tenant_id, order_id
    )
    return [_purchase(row) for row in rows]


async def page_of_entrant(
    tx: Transaction, entrant_id: UUID, *, before: tuple[datetime, UUID] | None, limit: int
) -> list[Purchase]:
    """Return a page of somebody's purchases, newest first."""
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


async def in_status(tx: Transaction, raffle_id: UUID, status: PurchaseStatus, *, limit: int) -> list[Purchase]:
    """Return some purchases of a raffle that stand so, the oldest first."""
    rows = await tx.fetch(
        f"{_PURCHASES} WHERE p.tenant_id = $1 AND p.raffle_id = $2 AND p.status = $3 ORDER BY p.id LIMIT $4",
        tx.tenant_id,
        raffle_id,
        status,
        limit,
    )
    return [_purchase(row) for row in rows]


async def sealed(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, tuple[bytes, bytes]]:
    """Return commits and sealed salts of purchases."""
    rows = await tx.fetch(
        "SELECT id, commits, sealed_salts FROM raffles_purchases WHERE tenant_id = $1 AND id = ANY($2::uuid[])",
        tx.tenant_id,
        ids,
    )
    return {row["id"]: (row["commits"], row["sealed_salts"]) for row in rows}


async def purchases_in(tx: Transaction, raffle_id: UUID, entrant_id: UUID) -> list[Purchase]:
    """Return what somebody has paid for in a raffle, in order of number."""
    rows = await tx.fetch(
        f"{_PURCHASES} WHERE p.tenant_id = $1 AND p.entrant_id = $2 AND p.raffle_id = $3"
        " AND p.first_number IS NOT NULL ORDER BY p.first_number",
        tx.tenant_id,
        entrant_id,
        raffle_id,
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
