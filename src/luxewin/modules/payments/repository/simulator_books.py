"""Queries of the simulated gateway's own books. They share nothing with ours but the shape of the words.

A charge whose `captures_at` lies ahead is being processed; nothing has to run for it to be captured then. Time is the
database's, without any tenant's offset.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg

from luxewin.kit.money import Money
from luxewin.modules.payments.domain.gateway_words import Books, Charge, RefundOrder
from luxewin.modules.payments.errors import GatewaySilentError

_ACQUIRE_SECONDS = 1.0
_COLUMNS = (
    "attempt_id, reference,"
    " CASE WHEN status = 'captured' AND captures_at > now() THEN 'processing' ELSE status END AS status,"
    " amount_minor, currency, reason, confirm_url"
)
_VOIDABLE = (
    "(charges.status IN ('requires_action', 'authorised')"
    " OR (charges.status = 'captured' AND charges.captures_at > now() + interval '1 second'))"
)


@dataclass(frozen=True, slots=True)
class BookedCharge:
    """A charge as it stands in the simulator's books; `fresh` when this very call has booked it."""

    attempt_id: UUID
    reference: str
    status: str
    amount: Money
    reason: str | None
    confirm_url: str | None
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class BookedRefund:
    """A refund as it stands in the simulator's books."""

    refund_id: UUID
    reference: str
    status: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Telling:
    """A webhook to be sent so many seconds after its charge."""

    id: str
    body: bytes
    after_seconds: float


@dataclass(frozen=True, slots=True)
class DueTelling:
    """A webhook that is due, and where to: `at_seconds` is the simulator's time, for the signature."""

    id: str
    body: bytes
    endpoint_id: UUID
    secret: str = field(repr=False)
    headers: Mapping[str, str]
    at_seconds: int


@asynccontextmanager
async def session(pool: Any) -> AsyncIterator[Any]:
    """Lend a connection of the simulator's own; a database that fails it is a gateway that does not answer."""
    try:
        async with pool.acquire(timeout=_ACQUIRE_SECONDS) as connection:
            yield connection
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
        raise GatewaySilentError(str(error)) from error


async def book_charge(
    connection: Any,
    charge: Charge,
    *,
    status: str,
    reason: str | None,
    amount: Money,
    captures_after_seconds: float | None,
    dispute_after_seconds: float | None,
    tellings: Sequence[Telling],
) -> BookedCharge:
    """Book a charge with what will follow from it, or return the one that is booked under its id."""
    row = await connection.fetchrow(
        "WITH charge AS (INSERT INTO simulator.charges AS charges (attempt_id, merchant, reference, status,"
        " amount_minor, currency, reason, capture, confirm_url, captures_at, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, now() + make_interval(secs => $10), now())"
        " ON CONFLICT (attempt_id) DO UPDATE SET attempt_id = excluded.attempt_id"
        " RETURNING charges.*, charges.xmax = 0 AS fresh),"
        " dispute AS (INSERT INTO simulator.disputes (reference, attempt_id, amount_minor, currency, opens_at)"
        " SELECT $12, attempt_id, amount_minor, currency, now() + make_interval(secs => $11) FROM charge"
        " WHERE fresh AND $11::float8 IS NOT NULL),"
        " telling AS (INSERT INTO simulator.webhooks (id, merchant, attempt_id, body, due_at)"
        " SELECT t.id, charge.merchant, charge.attempt_id, t.body, now() + make_interval(secs => t.after_seconds)"
        " FROM charge, unnest($13::text[], $14::bytea[], $15::float8[]) AS t(id, body, after_seconds) WHERE fresh)"
        f" SELECT {_COLUMNS}, fresh FROM charge",
        charge.attempt_id,
        charge.merchant,
        charge_reference(charge.attempt_id),
        status,
        amount.minor,
        amount.currency,
        reason,
        charge.capture,
        charge.confirm_url,
        captures_after_seconds,
        dispute_after_seconds,
        dispute_reference(charge.attempt_id),
        [telling.id for telling in tellings],
        [telling.body for telling in tellings],
        [telling.after_seconds for telling in tellings],
    )
    return _charge(row, fresh=row["fresh"])


async def confirm_charge(connection: Any, attempt_id: UUID, *, approve: bool) -> BookedCharge | None:
    """Decide a charge that waits for the buyer, and return the charge as it stands then."""
    await connection.execute(
        "UPDATE simulator.charges SET status = CASE WHEN NOT $2 THEN 'declined' WHEN capture THEN 'captured'"
        " ELSE 'authorised' END, reason = CASE WHEN NOT $2 THEN 'not_confirmed' END"
        " WHERE attempt_id = $1 AND status = 'requires_action'",
        attempt_id,
        approve,
    )
    return await find_charge(connection, attempt_id)


async def capture_charge(connection: Any, attempt_id: UUID) -> BookedCharge | None:
    """Capture an authorised charge, and return the charge as it stands then."""
    await connection.execute(
        "UPDATE simulator.charges SET status = 'captured' WHERE attempt_id = $1 AND status = 'authorised'", attempt_id
    )
    return await find_charge(connection, attempt_id)


async def void_charge(connection: Any, attempt_id: UUID) -> BookedCharge:
    """Give up a charge that is not captured; one that never came is booked as voided, and cannot come any more."""
    row = await connection.fetchrow(
        "WITH charge AS (INSERT INTO simulator.charges AS charges (attempt_id, merchant, reference, status,"
        " amount_minor, currency, reason, capture, created_at)"
        " VALUES ($1, '', $2, 'voided', 0, 'XXX', 'never_came', true, now())"
        f" ON CONFLICT (attempt_id) DO UPDATE SET status = CASE WHEN {_VOIDABLE} THEN 'voided' ELSE charges.status END"
        " RETURNING charges.*),"
        " untold AS (DELETE FROM simulator.webhooks w USING charge WHERE w.attempt_id = charge.attempt_id"
        " AND charge.status = 'voided' AND w.delivered_at IS NULL)"
        f" SELECT {_COLUMNS} FROM charge",
        attempt_id,
        charge_reference(attempt_id),
    )
    return _charge(row)


async def find_charge(connection: Any, attempt_id: UUID) -> BookedCharge | None:
    """Return a charge, or None."""
    row = await connection.fetchrow(f"SELECT {_COLUMNS} FROM simulator.charges WHERE attempt_id = $1", attempt_id)
    return None if row is None else _charge(row)


async def book_refund(connection: Any, order: RefundOrder, *, refused: str | None) -> BookedRefund | None:
    """Book a refund, executed where the charge still has that much, or return the one booked under its id.

    None where there is no such charge; `refused` lets it fail for this reason.
    """
    async with connection.transaction():
        charge = await connection.fetchrow(
            "SELECT attempt_id, currency, amount_minor, status = 'captured' AND coalesce(captures_at, now()) <= now()"
            " AS captured FROM simulator.charges WHERE reference = $1 FOR UPDATE",
            order.reference,
        )
        if charge is None:
            return None
        taken = await connection.fetchval(
            "SELECT coalesce((SELECT sum(amount_minor) FROM simulator.refunds WHERE attempt_id = $1"
            " AND status = 'executed'), 0) + coalesce((SELECT sum(amount_minor) FROM simulator.disputes"
            " WHERE attempt_id = $1 AND opens_at <= now()), 0)",
            charge["attempt_id"],
        )
        left = charge["amount_minor"] - taken if charge["captured"] else 0
        fits = order.amount.currency == charge["currency"] and order.amount.minor <= left
        reason = refused or (None if fits else "amount_too_large")
        await connection.execute(
            "INSERT INTO simulator.refunds (refund_id, attempt_id, reference, status, amount_minor, currency, reason,"
            " created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, now()) ON CONFLICT (refund_id) DO NOTHING",
            order.refund_id,
            charge["attempt_id"],
            f"sim_re_{order.refund_id.hex}",
            "failed" if reason else "executed",
            order.amount.minor,
            order.amount.currency,
            reason,
        )
    return await find_refund(connection, order.refund_id)


async def find_refund(connection: Any, refund_id: UUID) -> BookedRefund | None:
    """Return a refund, or None."""
    row = await connection.fetchrow(
        "SELECT refund_id, reference, status, reason FROM simulator.refunds WHERE refund_id = $1", refund_id
    )
    return None if row is None else BookedRefund(row["refund_id"], row["reference"], row["status"], row["reason"])


async def totals(connection: Any, merchant: str) -> list[Books]:
    """Add up a merchant's books, one total for each currency, as of this moment."""
    rows = await connection.fetch(
        "SELECT currency, sum(captured) AS captured, sum(refunded) AS refunded,"
        " sum(withdrawn) AS withdrawn FROM ("
        "SELECT currency, amount_minor AS captured, 0 AS refunded, 0 AS withdrawn FROM simulator.charges"
        " WHERE merchant = $1 AND status = 'captured' AND coalesce(captures_at, now()) <= now()"
        " UNION ALL SELECT r.currency, 0, r.amount_minor, 0 FROM simulator.refunds r"
        " JOIN simulator.charges c ON c.attempt_id = r.attempt_id WHERE c.merchant = $1 AND r.status = 'executed'"
        " UNION ALL SELECT d.currency, 0, 0, d.amount_minor FROM simulator.disputes d"
        " JOIN simulator.charges c ON c.attempt_id = d.attempt_id WHERE c.merchant = $1 AND d.opens_at <= now()"
        ") AS entries GROUP BY currency ORDER BY currency",
        merchant,
    )
    return [Books(row["currency"], *(int(row[sum_]) for sum_ in ("captured", "refunded", "withdrawn"))) for row in rows]


async def subscribe(
    connection: Any, merchant: str, *, endpoint_id: UUID, secret: str, headers: Mapping[str, str]
) -> None:
    """Remember where a merchant wants to be told; a new endpoint takes over from the one before."""
    await connection.execute(
        "INSERT INTO simulator.endpoints (merchant, endpoint_id, secret, headers) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (merchant) DO UPDATE SET endpoint_id = excluded.endpoint_id, secret = excluded.secret,"
        " headers = excluded.headers",
        merchant,
        endpoint_id,
        secret,
        dict(headers),
    )


async def claim_tellings(connection: Any, *, limit: int) -> list[DueTelling]:
    """Take webhooks that are due, and put each off for twice as long as the time before, until it is delivered."""
    rows = await connection.fetch(
        "WITH due AS (SELECT w.id FROM simulator.webhooks w JOIN simulator.endpoints e ON e.merchant = w.merchant"
        " WHERE w.delivered_at IS NULL AND w.due_at <= now() ORDER BY w.due_at LIMIT $1 FOR UPDATE OF w SKIP LOCKED)"
        " UPDATE simulator.webhooks w SET tries = w.tries + 1,"
        " due_at = now() + make_interval(secs => least(3600, 2 ^ least(w.tries, 12)))"
        " FROM due, simulator.endpoints e WHERE w.id = due.id AND e.merchant = w.merchant"
        " RETURNING w.id, w.body, e.endpoint_id, e.secret, e.headers,"
        " floor(extract(epoch FROM now()))::bigint AS at_seconds",
        limit,
    )
    return [DueTelling(**dict(row)) for row in rows]


async def told(connection: Any, telling_id: str) -> None:
    """Mark a webhook as delivered."""
    await connection.execute("UPDATE simulator.webhooks SET delivered_at = now() WHERE id = $1", telling_id)


def charge_reference(attempt_id: UUID) -> str:
    """Return the simulator's own name of a charge."""
    return f"sim_ch_{attempt_id.hex}"


def dispute_reference(attempt_id: UUID) -> str:
    """Return the simulator's own name of a charge's dispute."""
    return f"sim_dp_{attempt_id.hex}"


def _charge(row: Any, *, fresh: bool = False) -> BookedCharge:
    return BookedCharge(
        attempt_id=row["attempt_id"],
        reference=row["reference"],
        status=row["status"],
        amount=Money(row["amount_minor"], row["currency"]),
        reason=row["reason"],
        confirm_url=row["confirm_url"],
        fresh=fresh,
    )
