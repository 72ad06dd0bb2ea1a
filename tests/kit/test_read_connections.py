"""Read connections: each sees the rows of its current tenant only, and cannot write."""

import asyncio

import asyncpg
import pytest

from luxewin.kit.access import Principal
from luxewin.kit.database import Database
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import write

INSERT = "INSERT INTO kit_positions (tenant_id, listener, sequence) VALUES ($1, $2, 1)"


async def _listeners(tx: Transaction) -> list[str]:
    await asyncio.sleep(0)
    return [row["listener"] for row in await tx.fetch("SELECT listener FROM kit_positions")]


async def test_each_read_sees_its_own_tenant_in_any_order(
    database: Database, tenant: Tenancy, other_tenant: Tenancy, admin: Principal
) -> None:
    for whose in (tenant, other_tenant):
        async with database.begin(whose, admin) as tx:
            tx.write(write(INSERT, whose.id, whose.slug))
    tenants = [tenant, other_tenant, other_tenant, tenant] * 10
    one_by_one = [await database.read(whose, _listeners) for whose in tenants]
    at_once = await asyncio.gather(*(database.read(whose, _listeners) for whose in tenants))
    assert one_by_one == at_once == [[whose.slug] for whose in tenants]


async def test_a_read_connection_cannot_write(database: Database, tenant: Tenancy) -> None:
    async def disturb(tx: Transaction) -> None:
        await tx.connection.execute(INSERT, tenant.id, "a reader")

    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await database.read(tenant, disturb)
    assert await database.read(tenant, _listeners) == []
