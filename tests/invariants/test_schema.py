"""The rules about the schema hold, and each of them finds its violation."""

import asyncpg
import pytest

from luxewin.installed import INVARIANTS
from luxewin.kit.database import Database
from luxewin.kit.invariants import Invariants, violations
from luxewin.kit.pools import PoolLimits
from tests.conftest import PASSWORDS, TestDatabase, make_database
from tests.servers import TestServer

ALL_TENANTS = None


async def broken(test_database: TestDatabase, invariants: Invariants) -> set[str]:
    database = await Database.open(test_database.role("app"), test_database.role("system"), PoolLimits(size=2))
    try:
        return {violation.statement for violation in await violations(database, invariants, tenant_id=ALL_TENANTS)}
    finally:
        await database.close()


@pytest.fixture(scope="session")
async def damaged_database(server: TestServer) -> TestDatabase:
    """A separate database, whose schema the tests may damage."""
    return await make_database(server, "damaged_database")


async def execute_as_owner(test_database: TestDatabase, statement: str) -> None:
    connection = await asyncpg.connect(**test_database.owner)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def test_every_invariant_holds_on_an_empty_installation(server: TestServer) -> None:
    empty = await make_database(server, "empty")
    assert await broken(empty, INVARIANTS) == set()


@pytest.mark.parametrize(
    ("harm", "repair", "promise"),
    [
        (
            "ALTER TABLE orders_orders NO FORCE ROW LEVEL SECURITY",
            "ALTER TABLE orders_orders FORCE ROW LEVEL SECURITY",
            "Every table with a tenant has row-level security, enabled and forced",
        ),
        (
            "ALTER TABLE cart_carts DISABLE ROW LEVEL SECURITY",
            "ALTER TABLE cart_carts ENABLE ROW LEVEL SECURITY",
            "Every table with a tenant has row-level security, enabled and forced",
        ),
        (
            "CREATE TABLE left_open (tenant_id uuid, id uuid PRIMARY KEY)",
            "DROP TABLE left_open",
            "Every foreign key and every unique key of a tenant's table includes the tenant",
        ),
        (
            "GRANT DELETE ON ledger_postings TO luxewin_app",
            "REVOKE DELETE ON ledger_postings FROM luxewin_app",
            "The application cannot change or delete rows of append-only tables",
        ),
        (
            "ALTER TABLE cart_carts OWNER TO luxewin_app",
            "ALTER TABLE cart_carts OWNER TO current_user",
            "The application's roles own no table, are no superusers, and cannot bypass row-level security",
        ),
    ],
)
async def test_a_schema_that_violates_an_invariant_is_reported(
    damaged_database: TestDatabase, harm: str, repair: str, promise: str
) -> None:
    await execute_as_owner(damaged_database, harm)
    try:
        assert promise in await broken(damaged_database, INVARIANTS)
    finally:
        await execute_as_owner(damaged_database, repair)
    assert await broken(damaged_database, INVARIANTS) == set()


async def test_a_login_accepts_no_other_password(test_database: TestDatabase) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(**{**test_database.role("app"), "password": PASSWORDS["system"]})
