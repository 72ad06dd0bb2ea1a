"""The frozen migrations lead exactly to the schema that the models describe."""

from pathlib import Path
from typing import Any

import asyncpg

from luxewin.migrations import driving
from luxewin.migrations.drafting import whole_schema
from luxewin.migrations.migrating import current_revision, migrate
from luxewin.migrations.revisions import newest_revision
from luxewin.migrations.tables import all_tables
from tests.conftest import LOGINS
from tests.servers import TestServer

DESCRIPTIONS = {
    "columns": (
        "SELECT table_schema, table_name, column_name, ordinal_position, data_type, is_nullable, column_default,"
        " is_identity, generation_expression FROM information_schema.columns"
    ),
    "constraints": (
        "SELECT n.nspname AS table_schema, k.conrelid::regclass::text, k.conname, pg_get_constraintdef(k.oid)"
        " FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace"
    ),
    "indexes": "SELECT schemaname AS table_schema, indexname, indexdef FROM pg_indexes",
    "policies": (
        "SELECT schemaname AS table_schema, tablename, policyname, roles::text, cmd, qual, with_check FROM pg_policies"
    ),
    "security": (
        "SELECT n.nspname AS table_schema, c.relname, c.relkind::text, c.relrowsecurity, c.relforcerowsecurity,"
        " c.relacl::text, c.reloptions::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    ),
    "column rights": (
        "SELECT n.nspname AS table_schema, c.relname, a.attname, a.attacl::text FROM pg_attribute a"
        " JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE a.attacl IS NOT NULL"
    ),
    "functions": (
        "SELECT n.nspname AS table_schema, pg_get_functiondef(p.oid), p.proacl::text, pg_get_userbyid(p.proowner)"
        " FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.prokind = 'f'"
        " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"
    ),
    "triggers": (
        "SELECT n.nspname AS table_schema, pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c"
        " ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT t.tgisinternal"
    ),
    "views": "SELECT table_schema, table_name, view_definition FROM information_schema.views",
}
OURS = "table_schema IN ('public', 'simulator')"
ALEMBICS_OWN = "alembic_version"


async def described(connection: Any) -> dict[str, set[str]]:
    return {
        what: {
            str(tuple(row))
            for row in await connection.fetch(f"SELECT * FROM ({query}) AS d WHERE {OURS}")
            if ALEMBICS_OWN not in str(tuple(row))
        }
        for what, query in DESCRIPTIONS.items()
    }


async def opened(server: TestServer, name: str) -> asyncpg.Connection:
    return await asyncpg.connect(**server.create_database(name).connect_arguments())


async def test_the_migrations_lead_to_the_schema_of_the_models(server: TestServer) -> None:
    drafted = await opened(server, "drafted")
    migrated = await opened(server, "migrated")
    try:
        for statement in whole_schema(all_tables()):
            await drafted.execute(statement)
        await migrate(server.address.of_database("migrated").connect_arguments(), LOGINS)
        wanted, found = await described(drafted), await described(migrated)
        for what in DESCRIPTIONS:
            assert found[what] == wanted[what], what
    finally:
        await drafted.close()
        await migrated.close()


async def test_a_second_migration_changes_nothing(server: TestServer) -> None:
    server.create_database("migrated_twice")
    address = server.address.of_database("migrated_twice").connect_arguments()
    assert await migrate(address, LOGINS)
    assert not await migrate(address, LOGINS)
    connection = await asyncpg.connect(**address)
    try:
        assert await current_revision(connection) == newest_revision()
    finally:
        await connection.close()


async def test_a_draft_holds_the_difference_between_models_and_database(server: TestServer, tmp_path: Path) -> None:
    server.create_database("behind")
    address = server.address.of_database("behind").connect_arguments()
    await migrate(address, LOGINS)
    nothing = await driving.draft(address, "nothing is new", into=tmp_path)
    assert "op." not in nothing.read_text(encoding="utf-8").partition("def upgrade")[2]
    nothing.unlink()
    connection = await asyncpg.connect(**address)
    try:
        await connection.execute("DROP TABLE payments_webhook_deliveries, simulator.webhooks")
    finally:
        await connection.close()
    draft = (await driving.draft(address, "two tables", into=tmp_path)).read_text(encoding="utf-8")
    assert draft.count("op.create_table(") == 2
    assert "CREATE POLICY tenant ON payments_webhook_deliveries TO luxewin_app" in draft
    assert "CREATE POLICY every_tenant ON payments_webhook_deliveries TO luxewin_system" in draft
    assert "ON simulator.webhooks TO" in draft
