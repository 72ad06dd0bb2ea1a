"""A seal depends on all earlier rows: forging one row requires forging every later seal."""

import asyncpg

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.sealing import AUDIT_CHAIN, find_broken_seals, next_seal, seal_batch
from luxewin.kit.tenancy import Tenancy
from tests.conftest import TestDatabase


async def test_sealing_a_changed_row_again_breaks_the_chain_after_it(
    database: Database, test_database: TestDatabase, tenant: Tenancy
) -> None:
    async with database.begin(tenant, SYSTEM) as tx:
        for action in ("tests.first", "tests.second", "tests.third"):
            tx.audit(action, target="a kettle")
    while await seal_batch(database, AUDIT_CHAIN):
        continue
    await forge_the_second(test_database, tenant)
    async with database.system() as connection:
        broken = [seal for seal in await find_broken_seals(connection, AUDIT_CHAIN) if seal.tenant_id == tenant.id]
    assert [seal.seal_number for seal in broken] == [3]


async def forge_the_second(test_database: TestDatabase, tenant: Tenancy) -> None:
    """Change the second row as the owner, who has all privileges, and seal it as the relay would."""
    owner = await asyncpg.connect(**test_database.owner)
    try:
        row = await owner.fetchrow(
            "UPDATE kit_audit r SET actor = 'somebody else' WHERE r.tenant_id = $1 AND r.seal_number = 2"
            f" RETURNING r.id, {AUDIT_CHAIN.content_sql} AS content,"
            " (SELECT p.seal FROM kit_audit p WHERE p.tenant_id = $1 AND p.seal_number = 1) AS previous",
            tenant.id,
        )
        assert row is not None
        await owner.execute(
            "UPDATE kit_audit SET seal = $3 WHERE tenant_id = $1 AND id = $2",
            tenant.id,
            row["id"],
            next_seal(row["previous"], row["content"]),
        )
    finally:
        await owner.close()
