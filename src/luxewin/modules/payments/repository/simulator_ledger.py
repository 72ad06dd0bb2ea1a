"""Queries of the simulator's own ledger, which share no table with the rest of the program.

A charge whose `captures_at` is in the future is being processed; it counts as captured from then on, without any job.
Time is the database's, without any tenant's offset.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from luxewin.kit.driver_errors import DRIVER_ERRORS
from luxewin.kit.money import Money
from luxewin.modules.payments.domain.gateway_messages import Charge, Dispute, GatewayTotals, RefundInstruction
from luxewin.modules.payments.errors import GatewayConnectionError

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
class SimulatedCharge:
    """A charge in the simulator's ledger; `is_new` if the call that returned it has added it."""

    attempt_id: UUID
    reference: str
    status: str
    amount: Money
    reason: str | None
    confirm_url: str | None
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class ChargeWithDisputes:
    """A charge, and its disputes that are open."""

    charge: SimulatedCharge
    disputes: Sequence[Dispute]


@dataclass(frozen=True, slots=True)
class SimulatedRefund:
    """A refund in the simulator's ledger."""

    refund_id: UUID
    reference: str
    status: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class ScheduledWebhook:
    """A webhook to be sent this many seconds after its charge."""

    id: str
    body: bytes
    after_seconds: float


@dataclass(frozen=True, slots=True)
class ClaimedWebhook:
    """A webhook that is due, and its endpoint; `at_seconds` is the simulator's time, for the signature."""

    id: str
    body: bytes
    endpoint_id: UUID
    secret: str = field(repr=False)
    headers: Mapping[str, str]
    at_seconds: int


@asynccontextmanager
async def session(pool: Any) -> AsyncIterator[Any]:
    """Yield a connection of the simulator's pool.

    Raises:
        GatewayConnectionError: the database fails, so this gateway does not respond.
    """
    try:
        async with pool.acquire(timeout=_ACQUIRE_SECONDS) as connection:
            yield connection
    except DRIVER_ERRORS as error:
        raise GatewayConnectionError(str(error)) from error


async def add_charge(
    connection: Any,
    charge: Charge,
    *,
    status: str,
    reason: str | None,
    amount: Money,
    captures_after_seconds: float | None,
    dispute_after_seconds: float | None,
    webhooks: Sequence[ScheduledWebhook],
) -> SimulatedCharge:
    """Add a charge with the dispute and the webhooks that follow, or return the charge that has its id."""
    row = await connection.fetchrow(
        "WITH charge AS (INSERT INTO simulator.charges AS charges (attempt_id, merchant, reference, status,"
        " amount_minor, currency, reason, capture, confirm_url, captures_at, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, now() + make_interval(secs => $10), now())"
        " ON CONFLICT (attempt_id) DO UPDATE SET attempt_id = excluded.attempt_id"
        " RETURNING charges.*, charges.xmax = 0 AS fresh),"
        " dispute AS (INSERT INTO simulator.disputes (reference, attempt_id, amount_minor, currency, opens_at)"
        " SELECT $12, attempt_id, amount_minor, currency, now() + make_interval(secs => $11) FROM charge"
        " WHERE fresh AND $11::float8 IS NOT NULL),"
        " webhook AS (INSERT INTO simulator.webhooks (id, merchant, attempt_id, body, due_at)"
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
        [webhook.id for webhook in webhooks],
        [webhook.body for webhook in webhooks],
        [webhook.after_seconds for webhook in webhooks],
    )
    return _charge(row, is_new=row["fresh"])


async def confirm_charge(connection: Any, attempt_id: UUID, *, approve: bool) -> SimulatedCharge | None:
    """Approve or reject a charge that waits for the buyer, and return it."""
    await connection.execute(
        "UPDATE simulator.charges SET status = CASE WHEN NOT $2 THEN 'declined' WHEN capture THEN 'captured'"
        " ELSE 'authorised' END, reason = CASE WHEN NOT $2 THEN 'not_confirmed' END"
        " WHERE attempt_id = $1 AND status = 'requires_action'",
        attempt_id,
        approve,
    )
    return await find_charge(connection, attempt_id)


async def capture_charge(connection: Any, attempt_id: UUID) -> SimulatedCharge | None:
    """Capture an authorised charge, and return it."""
    await connection.execute(
        "UPDATE simulator.charges SET status = 'captured' WHERE attempt_id = $1 AND status = 'authorised'", attempt_id
    )
    return await find_charge(connection, attempt_id)


async def void_charge(connection: Any, attempt_id: UUID) -> SimulatedCharge:
    """Void a charge that is not captured, and return it; one that does not exist is added as voided."""
    row = await connection.fetchrow(
        "WITH charge AS (INSERT INTO simulator.charges AS charges (attempt_id, merchant, reference, status,"
        " amount_minor, currency, reason, capture, created_at)"
        " VALUES ($1, '', $2, 'voided', 0, 'XXX', 'never_came', true, now())"
        f" ON CONFLICT (attempt_id) DO UPDATE SET status = CASE WHEN {_VOIDABLE} THEN 'voided' ELSE charges.status END"
        " RETURNING charges.*),"
        " unsent AS (DELETE FROM simulator.webhooks w USING charge WHERE w.attempt_id = charge.attempt_id"
        " AND charge.status = 'voided' AND w.delivered_at IS NULL)"
        f" SELECT {_COLUMNS} FROM charge",
        attempt_id,
        charge_reference(attempt_id),
    )
    return _charge(row)


async def find_charge(connection: Any, attempt_id: UUID) -> SimulatedCharge | None:
    """Return a charge, or None."""
    row = await connection.fetchrow(f"SELECT {_COLUMNS} FROM simulator.charges WHERE attempt_id = $1", attempt_id)
    return None if row is None else _charge(row)


async def find_charge_of(connection: Any, merchant: str, attempt_id: UUID) -> ChargeWithDisputes | None:
    """Return a merchant's charge with its open disputes, or None if the merchant has no such charge."""
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS}, (SELECT array_agg(ROW(d.reference, d.amount_minor, d.currency) ORDER BY d.reference)"
        " FROM simulator.disputes d WHERE d.attempt_id = charges.attempt_id AND d.opens_at <= now()) AS disputes"
        " FROM simulator.charges WHERE merchant = $1 AND attempt_id = $2",
        merchant,
        attempt_id,
    )
    if row is None:
        return None
    disputes = [Dispute(reference, Money(minor, currency)) for reference, minor, currency in row["disputes"] or ()]
    return ChargeWithDisputes(_charge(row), disputes)


async def add_refund(connection: Any, instruction: RefundInstruction, *, failure: str | None) -> SimulatedRefund | None:
    """Add a refund, executed if that much is left of the charge, or return the refund that has its id.

    Return None if there is no such charge. With `failure` the refund fails for this reason.
    """
    async with connection.transaction():
        charge = await connection.fetchrow(
            "SELECT attempt_id, currency, amount_minor, status = 'captured' AND coalesce(captures_at, now()) <= now()"
            " AS captured FROM simulator.charges WHERE reference = $1 FOR UPDATE",
            instruction.reference,
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
        fits = instruction.amount.currency == charge["currency"] and instruction.amount.minor <= left
        reason = failure or (None if fits else "amount_too_large")
        await connection.execute(
            "INSERT INTO simulator.refunds (refund_id, attempt_id, reference, status, amount_minor, currency, reason,"
            " created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, now()) ON CONFLICT (refund_id) DO NOTHING",
            instruction.refund_id,
            charge["attempt_id"],
            f"sim_re_{instruction.refund_id.hex}",
            "failed" if reason else "executed",
            instruction.amount.minor,
            instruction.amount.currency,
            reason,
        )
    return await find_refund(connection, instruction.refund_id)


async def find_refund(connection: Any, refund_id: UUID) -> SimulatedRefund | None:
    """Return a refund, or None."""
    row = await connection.fetchrow(
        "SELECT refund_id, reference, status, reason FROM simulator.refunds WHERE refund_id = $1", refund_id
    )
    return None if row is None else SimulatedRefund(row["refund_id"], row["reference"], row["status"], row["reason"])


async def totals(connection: Any, merchant: str) -> list[GatewayTotals]:
    """Return a merchant's totals at this time, one for each currency."""
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
    return [
        GatewayTotals(row["currency"], *(int(row[total]) for total in ("captured", "refunded", "withdrawn")))
        for row in rows
    ]


async def subscribe(
    connection: Any, merchant: str, *, endpoint_id: UUID, secret: str, headers: Mapping[str, str]
) -> None:
    """Store the endpoint of a merchant's webhooks; it replaces the previous one."""
    await connection.execute(
        "INSERT INTO simulator.endpoints (merchant, endpoint_id, secret, headers) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (merchant) DO UPDATE SET endpoint_id = excluded.endpoint_id, secret = excluded.secret,"
        " headers = excluded.headers",
        merchant,
        endpoint_id,
        secret,
        dict(headers),
    )


async def claim_webhooks(connection: Any, *, limit: int) -> list[ClaimedWebhook]:
    """Claim webhooks that are due; each is due again later, with a delay that doubles, until it is delivered."""
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
    return [ClaimedWebhook(**dict(row)) for row in rows]


async def mark_delivered(connection: Any, webhook_id: str) -> None:
    """Mark a webhook as delivered."""
    await connection.execute("UPDATE simulator.webhooks SET delivered_at = now() WHERE id = $1", webhook_id)


def charge_reference(attempt_id: UUID) -> str:
    """Return the simulator's reference of a charge."""
    return f"sim_ch_{attempt_id.hex}"


def dispute_reference(attempt_id: UUID) -> str:
    """Return the simulator's reference of the dispute of a charge."""
    return f"sim_dp_{attempt_id.hex}"


def _charge(row: Any, *, is_new: bool = False) -> SimulatedCharge:
    return SimulatedCharge(
        attempt_id=row["attempt_id"],
        reference=row["reference"],
        status=row["status"],
        amount=Money(row["amount_minor"], row["currency"]),
        reason=row["reason"],
        confirm_url=row["confirm_url"],
        is_new=is_new,
    )
