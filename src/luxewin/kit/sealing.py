"""Hash chains over append-only rows, sealed in batches after the commit, so that no commit waits for the last seal.

seal(n) = SHA-256(seal(n-1) || content(n)), per tenant, with 32 zero bytes before the first. The content is a JSON text
that the database derives from the row, so the chain can be recomputed from the rows.
"""

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from luxewin.kit.database import Database
from luxewin.kit.observability.metrics import UNSEALED, UNSEALED_OLDEST

BATCH_SIZE = 500
PROOF_TIMEOUT_SECONDS = 3600.0
"""Timeout of a check that reads a whole table."""

_GENESIS = bytes(32)


@dataclass(frozen=True, slots=True)
class Chain:
    """An append-only table with `id`, `seal_number` and `seal`; `content_sql` is the content of the row `r`."""

    table: str
    time_column: str
    content_sql: str


AUDIT_CHAIN = Chain(
    table="kit_audit",
    time_column="at",
    content_sql="jsonb_build_array(r.id, r.at, r.actor, r.action, r.target, r.before, r.after)::text",
)


@dataclass(frozen=True, slots=True)
class BrokenSeal:
    """The first row of a tenant whose seal does not follow from its content and the seal before it."""

    tenant_id: UUID
    seal_number: int
    row_id: UUID


async def seal_batch(database: Database, chain: Chain) -> int:
    """Seal up to 500 unsealed rows, oldest first; return how many."""
    async with database.system() as connection:
        rows = await connection.fetch(
            f"SELECT r.tenant_id, r.id, {chain.content_sql} AS content FROM {chain.table} r"
            f" WHERE r.seal_number IS NULL ORDER BY r.tenant_id, r.{chain.time_column}, r.id LIMIT $1",
            BATCH_SIZE,
        )
        if not rows:
            return 0
        last = await _last_seals(connection, chain, {row["tenant_id"] for row in rows})
        numbers, seals = [], []
        for row in rows:
            number, seal = last[row["tenant_id"]]
            last[row["tenant_id"]] = (number + 1, next_seal(seal, row["content"]))
            numbers.append(number + 1)
            seals.append(last[row["tenant_id"]][1])
        await connection.execute(
            f"UPDATE {chain.table} r SET seal_number = s.number, seal = s.seal"
            " FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bytea[]) AS s(tenant_id, id, number, seal)"
            " WHERE r.tenant_id = s.tenant_id AND r.id = s.id",
            [row["tenant_id"] for row in rows],
            [row["id"] for row in rows],
            numbers,
            seals,
        )
    return len(rows)


async def measure_sealing(connection: Any, chain: Chain) -> None:
    """Set the gauges of unsealed rows and of the age of the oldest; a clock that runs ahead gives the age 0."""
    row = await connection.fetchrow(
        f"SELECT count(*) AS unsealed, greatest(0, extract(epoch FROM now() - min(r.{chain.time_column})))::float8"
        f" AS age_seconds FROM {chain.table} r WHERE r.seal_number IS NULL"
    )
    UNSEALED.set(row["unsealed"], chain.table)
    UNSEALED_OLDEST.set(row["age_seconds"], chain.table)


async def find_broken_seals(connection: Any, chain: Chain) -> list[BrokenSeal]:
    """Recompute every chain, and return the first broken row of each tenant."""
    broken: dict[UUID, BrokenSeal] = {}
    last: dict[UUID, tuple[int, bytes]] = defaultdict(lambda: (0, _GENESIS))
    async for row in connection.cursor(
        f"SELECT r.tenant_id, r.id, r.seal_number, r.seal, {chain.content_sql} AS content FROM {chain.table} r"
        " WHERE r.seal_number IS NOT NULL ORDER BY r.tenant_id, r.seal_number",
        timeout=PROOF_TIMEOUT_SECONDS,
    ):
        number, seal = last[row["tenant_id"]]
        expected = (number + 1, next_seal(seal, row["content"]))
        if expected != (row["seal_number"], row["seal"]) and row["tenant_id"] not in broken:
            broken[row["tenant_id"]] = BrokenSeal(row["tenant_id"], row["seal_number"], row["id"])
        last[row["tenant_id"]] = (row["seal_number"], row["seal"])
    return list(broken.values())


def next_seal(previous: bytes, content: str) -> bytes:
    """Return the seal that follows `previous` for this content."""
    return hashlib.sha256(previous + content.encode()).digest()


async def _last_seals(connection: Any, chain: Chain, tenant_ids: set[UUID]) -> dict[UUID, tuple[int, bytes]]:
    rows = await connection.fetch(
        "SELECT t.id AS tenant_id, h.seal_number, h.seal FROM unnest($1::uuid[]) AS t(id) CROSS JOIN LATERAL"
        f" (SELECT r.seal_number, r.seal FROM {chain.table} r WHERE r.tenant_id = t.id AND r.seal_number IS NOT NULL"
        " ORDER BY r.seal_number DESC LIMIT 1) AS h",
        list(tenant_ids),
    )
    last = {row["tenant_id"]: (row["seal_number"], row["seal"]) for row in rows}
    return {tenant_id: last.get(tenant_id, (0, _GENESIS)) for tenant_id in tenant_ids}
