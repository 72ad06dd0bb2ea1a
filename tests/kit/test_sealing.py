"""A change of a sealed row is detected."""

import asyncpg
import pytest

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.sealing import AUDIT_CHAIN, find_broken_seals, seal_batch
from luxewin.kit.tenancy import Tenancy
from tests.conftest import TestDatabase


async def keep_records(database: Database, tenant: Tenancy, *actions: str) -> None:
    async with database.begin(tenant, SYSTEM) as tx:
        for action in actions:
            tx.audit(action, target="a kettle", after={"degrees": 100})
    while await seal_batch(database, AUDIT_CHAIN):
        continue


async def broken_places(database: Database, tenant: Tenancy) -> list[int]:
    async with database.system() as connection:
        return [
            seal.seal_number for seal in await find_broken_seals(connection, AUDIT_CHAIN) if seal.tenant_id == tenant.id
        ]


async def tamper(test_database: TestDatabase, statement: str, tenant: Tenancy) -> None:
    connection = await asyncpg.connect(**test_database.owner)
    try:
        await connection.execute(statement, tenant.id)
    finally:
        await connection.close()


async def test_an_untouched_chain_recomputes(database: Database, tenant: Tenancy) -> None:
    await keep_records(database, tenant, "tests.first", "tests.second")
    await keep_records(database, tenant, "tests.third")
    assert await broken_places(database, tenant) == []


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        ("UPDATE kit_audit SET actor = 'somebody else' WHERE tenant_id = $1 AND seal_number = 2", 2),
        ("DELETE FROM kit_audit WHERE tenant_id = $1 AND seal_number = 2", 3),
        ("UPDATE kit_audit SET after = '{\"degrees\": 99}' WHERE tenant_id = $1 AND seal_number = 1", 1),
    ],
)
async def test_a_changed_row_is_named_even_when_the_owner_changed_it(
    database: Database, test_database: TestDatabase, tenant: Tenancy, statement: str, place: int
) -> None:
    await keep_records(database, tenant, "tests.first", "tests.second", "tests.third")
    await tamper(test_database, statement, tenant)
    assert await broken_places(database, tenant) == [place]


async def test_the_system_may_seal_and_nothing_else(database: Database, tenant: Tenancy) -> None:
    await keep_records(database, tenant, "tests.first")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.system() as connection:
            await connection.execute("UPDATE kit_audit SET actor = 'x' WHERE tenant_id = $1", tenant.id)
