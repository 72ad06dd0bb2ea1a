"""Every query of the ledger."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from luxewin.kit.invariants import exact
from luxewin.kit.sealing import Chain
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write, write
from luxewin.modules.ledger.domain import AccountKind, Transfer, account_id
from luxewin.modules.ledger.errors import TransferExists

TRANSFERS = Chain(
    table="ledger_transfers",
    time_column="posted_at",
    content_sql=(
        "jsonb_build_array(r.id, r.cause, r.cause_id, r.posted_at,"
        " (SELECT jsonb_agg(jsonb_build_array(p.line, p.account_id, p.currency, p.amount_minor) ORDER BY p.line)"
        " FROM ledger_postings p WHERE p.tenant_id = r.tenant_id AND p.transfer_id = r.id))::text"
    ),
)
"""The hash chain of transfers, each sealed with its postings, so that no change of either goes undetected."""

INVARIANTS: Mapping[str, str] = {
    "Postings of one transfer sum to zero per currency": (
        "SELECT p.tenant_id, p.transfer_id, p.currency, sum(p.amount_minor) AS off_by_minor"
        " FROM ledger_postings p WHERE $1::uuid IS NULL OR p.tenant_id = $1"
        " GROUP BY 1, 2, 3 HAVING sum(p.amount_minor) IS DISTINCT FROM 0 ORDER BY 1, 2 LIMIT 1"
    ),
    "A transfer has two or more postings": (
        "SELECT t.tenant_id, t.id AS transfer_id, count(p.line) AS postings FROM ledger_transfers t"
        " LEFT JOIN ledger_postings p ON p.tenant_id = t.tenant_id AND p.transfer_id = t.id"
        " WHERE $1::uuid IS NULL OR t.tenant_id = $1 GROUP BY 1, 2 HAVING count(p.line) < 2 ORDER BY 1, 2 LIMIT 1"
    ),
    "A posting's currency and tenant are its account's": (
        "SELECT p.tenant_id, p.transfer_id, p.line FROM ledger_postings p"
        " LEFT JOIN ledger_accounts a ON a.tenant_id = p.tenant_id AND a.id = p.account_id AND a.currency = p.currency"
        " WHERE ($1::uuid IS NULL OR p.tenant_id = $1) AND a.id IS NULL ORDER BY 1, 2, 3 LIMIT 1"
    ),
    "The trial balance is zero per tenant and currency": (
        "SELECT p.tenant_id, p.currency, sum(p.amount_minor) AS off_by_minor FROM ledger_postings p"
        " WHERE $1::uuid IS NULL OR p.tenant_id = $1"
        " GROUP BY 1, 2 HAVING sum(p.amount_minor) IS DISTINCT FROM 0 ORDER BY 1, 2 LIMIT 1"
    ),
}
"""Queries that return no row while their invariant holds, else the first row that violates it; `$1` is a tenant, or
null for all."""


def post(tenant_id: UUID, transfers: Sequence[Transfer]) -> list[Write]:
    """Return the writes that post transfers; accounts that do not exist are created."""
    sides = [
        (transfer.id, line, account_id(tenant_id, entry.kind, entry.owner_id, entry.amount.currency), entry)
        for transfer in transfers
        for line, entry in enumerate(transfer.entries, start=1)
    ]
    used = sorted({account: entry for _, _, account, entry in sides}.items())
    return [
        write(
            "INSERT INTO ledger_accounts (tenant_id, id, kind, owner_id, currency, opened_at)"
            " SELECT $1, a.id, a.kind, a.owner_id, a.currency, kit_now()"
            " FROM unnest($2::uuid[], $3::text[], $4::uuid[], $5::text[]) AS a(id, kind, owner_id, currency)"
            " ON CONFLICT DO NOTHING",
            tenant_id,
            [account for account, _ in used],
            [entry.kind for _, entry in used],
            [entry.owner_id for _, entry in used],
            [entry.amount.currency for _, entry in used],
        ),
        write(
            "INSERT INTO ledger_transfers (tenant_id, id, cause, cause_id, posted_at)"
            " SELECT $1, t.id, t.cause, t.cause_id, kit_now()"
            " FROM unnest($2::uuid[], $3::text[], $4::uuid[]) AS t(id, cause, cause_id)"
            " ON CONFLICT (tenant_id, id) DO NOTHING",
            tenant_id,
            [transfer.id for transfer in transfers],
            [transfer.cause for transfer in transfers],
            [transfer.cause_id for transfer in transfers],
            rows=len(transfers),
            otherwise=TransferExists,
        ),
        write(
            "INSERT INTO ledger_postings (tenant_id, transfer_id, line, account_id, currency, amount_minor)"
            " SELECT $1, p.transfer_id, p.line, p.account_id, p.currency, p.amount_minor"
            " FROM unnest($2::uuid[], $3::int[], $4::uuid[], $5::text[], $6::bigint[])"
            " AS p(transfer_id, line, account_id, currency, amount_minor)"
            " ON CONFLICT (tenant_id, transfer_id, line) DO NOTHING",
            tenant_id,
            [transfer_id for transfer_id, _, _, _ in sides],
            [line for _, line, _, _ in sides],
            [account for _, _, account, _ in sides],
            [entry.amount.currency for _, _, _, entry in sides],
            [entry.amount.minor for _, _, _, entry in sides],
            rows=len(sides),
            otherwise=TransferExists,
        ),
    ]


async def balance_minor(tx: Transaction, account: UUID, currency: str) -> int:
    """Sum an account's postings."""
    total = await tx.fetchval(
        "SELECT coalesce(sum(amount_minor), 0) FROM ledger_postings"
        " WHERE tenant_id = $1 AND account_id = $2 AND currency = $3",
        tx.tenant_id,
        account,
        currency,
    )
    return int(total)


async def balances(tx: Transaction, kind: AccountKind, owner_id: UUID | None) -> dict[str, int]:
    """Sum the postings of an owner's accounts of a kind by currency; a sum may be larger than any one amount."""
    parameters = [tx.tenant_id, kind] if owner_id is None else [tx.tenant_id, kind, owner_id]
    owned = "a.owner_id IS NULL" if owner_id is None else "a.owner_id = $3"
    rows = await tx.fetch(
        "SELECT a.currency, coalesce(sum(p.amount_minor), 0) AS minor FROM ledger_accounts a"
        " LEFT JOIN ledger_postings p"
        " ON p.tenant_id = a.tenant_id AND p.account_id = a.id AND p.currency = a.currency"
        f" WHERE a.tenant_id = $1 AND a.kind = $2 AND {owned} GROUP BY a.currency ORDER BY a.currency",
        *parameters,
    )
    return {row["currency"]: int(row["minor"]) for row in rows}


async def account_page(
    tx: Transaction, *, kind: AccountKind | None, after: UUID | None, limit: int
) -> list[dict[str, Any]]:
    """Return a page of accounts with their balances, by id."""
    rows = await tx.fetch(
        "SELECT a.id, a.kind, a.owner_id, a.currency, a.opened_at,"
        " (SELECT coalesce(sum(p.amount_minor), 0) FROM ledger_postings p"
        " WHERE p.tenant_id = a.tenant_id AND p.account_id = a.id AND p.currency = a.currency) AS balance_minor"
        " FROM ledger_accounts a WHERE a.tenant_id = $1 AND ($2::text IS NULL OR a.kind = $2)"
        " AND ($3::uuid IS NULL OR a.id > $3) ORDER BY a.id LIMIT $4",
        tx.tenant_id,
        kind,
        after,
        limit,
    )
    return [exact(row) for row in rows]


async def transfer_page(
    tx: Transaction, *, cause_id: UUID | None, before: tuple[datetime, UUID] | None, limit: int
) -> list[dict[str, Any]]:
    """Return a page of transfers with their postings as JSON, newest first."""
    conditions, parameters = ["t.tenant_id = $1"], [tx.tenant_id, limit]
    if cause_id is not None:
        parameters.append(cause_id)
        conditions.append(f"t.cause_id = ${len(parameters)}")
    if before is not None:
        parameters.extend(before)
        conditions.append(f"(t.posted_at, t.id) < (${len(parameters) - 1}, ${len(parameters)})")
    rows = await tx.fetch(
        "SELECT t.id, t.cause, t.cause_id, t.posted_at, t.seal_number,"
        " (SELECT jsonb_agg(jsonb_build_object('account_id', p.account_id, 'kind', a.kind, 'owner_id', a.owner_id,"
        " 'amount_minor', p.amount_minor, 'currency', p.currency) ORDER BY p.line) FROM ledger_postings p"
        " JOIN ledger_accounts a ON a.tenant_id = p.tenant_id AND a.id = p.account_id"
        " WHERE p.tenant_id = t.tenant_id AND p.transfer_id = t.id) AS postings"
        f" FROM ledger_transfers t WHERE {' AND '.join(conditions)} ORDER BY t.posted_at DESC, t.id DESC LIMIT $2",
        *parameters,
    )
    return [dict(row) for row in rows]


async def raise_statement_timeout(tx: Transaction) -> None:
    """Raise the statement timeout of this transaction, because a proof reads all rows."""
    await tx.connection.execute("SET LOCAL statement_timeout = '8s'")


async def trial_balance(tx: Transaction) -> list[dict[str, Any]]:
    """Sum all debits and credits, one row for each currency."""
    rows = await tx.fetch(
        "SELECT currency, sum(amount_minor) FILTER (WHERE amount_minor > 0)::text AS debits,"
        " sum(-amount_minor) FILTER (WHERE amount_minor < 0)::text AS credits, sum(amount_minor)::text AS difference"
        " FROM ledger_postings WHERE tenant_id = $1 GROUP BY currency ORDER BY currency",
        tx.tenant_id,
    )
    return [dict(row) for row in rows]


async def first_violation(connection: Any, invariant: str, tenant_id: UUID | None) -> Mapping[str, Any] | None:
    """Return the first row that violates an invariant, or None."""
    row = await connection.fetchrow(INVARIANTS[invariant], tenant_id)
    return None if row is None else exact(row)
