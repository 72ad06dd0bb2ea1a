"""A statement that is planned on an empty table uses the right index while the table grows."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from luxewin.kit import idempotency
from luxewin.kit.access import Principal
from luxewin.kit.database import Database
from luxewin.kit.idempotency import Key
from luxewin.kit.statistics import analyse_growing_tables
from luxewin.kit.tenancy import Tenancy
from tests.conftest import PATIENT, make_database
from tests.servers import TestServer

LOOK_UPS = 20
ROWS_READ = "SELECT sum(idx_tup_read)::bigint FROM pg_stat_user_indexes WHERE relname = 'kit_idempotency_keys'"
ADD_KEYS = """
    INSERT INTO kit_idempotency_keys (tenant_id, principal, route, key, body_hash, intent_id, status, answer_status,
        created_at)
    SELECT $1, 'user:a', 'POST /kettles', 'key-' || n, '', gen_random_uuid(), 'done', 200, now()
    FROM generate_series($2::int, $3::int) AS n
"""


@pytest.fixture
async def database(server: TestServer) -> AsyncIterator[Database]:
    """The pools of a database of its own, whose tables are empty and were never analysed."""
    made = await make_database(server, f"statistics_{uuid4().hex[:12]}")
    opened = await Database.open(made.role("app"), made.role("system"), PATIENT)
    yield opened
    await opened.close()
    await made.close()


async def rows_read_by_look_ups(database: Database, tenant: Tenancy, admin: Principal) -> int:
    """Look keys up that do not exist, and return how many index entries that has read."""
    async with database.begin(tenant, admin) as tx:
        before = int(await tx.fetchval(ROWS_READ) or 0)
        for number in range(LOOK_UPS):
            unknown = Key("user:a", "POST /kettles", f"unknown-{number}", b"")
            assert await idempotency.find_response(tx, unknown) is None
        await tx.fetchval("SELECT pg_stat_force_next_flush()")
    async with database.begin(tenant, admin) as tx:
        return int(await tx.fetchval(ROWS_READ)) - before


@pytest.mark.parametrize("is_analysed", [False, True])
async def test_looking_a_key_up_reads_no_other_keys_whatever_their_number(
    database: Database, tenant: Tenancy, admin: Principal, *, is_analysed: bool
) -> None:
    number = 1
    for size in (0, 1_000, 100_000):
        async with database.begin(tenant, admin) as tx:
            await tx.execute(ADD_KEYS, tenant.id, number, size)
        number = size + 1
        if is_analysed:
            await analyse_growing_tables(database)
        assert await rows_read_by_look_ups(database, tenant, admin) == 0, size


async def test_a_small_table_is_analysed_as_it_grows(database: Database, tenant: Tenancy, admin: Principal) -> None:
    known_rows = "SELECT reltuples::int FROM pg_class WHERE relname = 'kit_idempotency_keys'"
    for first, last in ((1, 60), (61, 100), (101, 400)):
        async with database.begin(tenant, admin) as tx:
            await tx.execute(ADD_KEYS, tenant.id, first, last)
            await tx.fetchval("SELECT pg_stat_force_next_flush()")
        await analyse_growing_tables(database)
        assert await database.fetch_system_value(known_rows) == (60 if last == 100 else last)
