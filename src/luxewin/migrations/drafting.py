"""The schema declared by the models: new migrations are drafted from it, and the migrated schema must equal it."""

from graphlib import TopologicalSorter
from importlib.resources import files
from textwrap import dedent

from sqlalchemy import MetaData, Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from luxewin.kit.roles import APP_ROLE, SEARCH_ROLE, SYSTEM_ROLE
from luxewin.kit.schema import protection
from luxewin.modules.payments.settings import SIMULATOR_ROLE

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves its dialects untyped


def role_statements() -> list[str]:
    """Return the statements that create missing group roles."""
    return [
        f"DO $$ BEGIN CREATE ROLE {role} NOLOGIN NOSUPERUSER NOBYPASSRLS;"
        f" EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        for role in (APP_ROLE, SYSTEM_ROLE, SEARCH_ROLE, SIMULATOR_ROLE)
    ]


def opening_statements() -> list[str]:
    """Return the statements before all tables: privileges on the schema, extensions, functions of the kit."""
    roles = f"{APP_ROLE}, {SYSTEM_ROLE}, {SEARCH_ROLE}, {SIMULATOR_ROLE}"
    return [
        "CREATE EXTENSION IF NOT EXISTS pg_trgm",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA public TO {roles}",
        files("luxewin.kit").joinpath("functions.sql").read_text(encoding="utf-8"),
    ]


def module_of(table: Table) -> str:
    """Return the module of a table: its schema, or the prefix of its name."""
    return table.schema or table.name.partition("_")[0]


def module_statements(metadata: MetaData, module: str) -> list[str]:
    """Return the statements that create a module's tables, referenced tables first, with policies and privileges."""
    tables = [table for table in metadata.sorted_tables if module_of(table) == module]
    schemas = sorted({table.schema for table in tables if table.schema})
    statements = [f"CREATE SCHEMA IF NOT EXISTS {schema}" for schema in schemas]
    for table in tables:
        statements.append(str(CreateTable(table).compile(dialect=_DIALECT)).strip())
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        statements += [str(CreateIndex(index).compile(dialect=_DIALECT)).strip() for index in indexes]
        statements += protection(table)
    return [dedent(statement).strip() for statement in statements]


def modules_in_order(metadata: MetaData) -> list[str]:
    """Return the modules that own tables, each after those it refers to, by keys or by `info["after"]`."""
    order: TopologicalSorter[str] = TopologicalSorter()
    for table in metadata.sorted_tables:
        lower = {module_of(key.referred_table) for key in table.foreign_key_constraints}
        lower |= set(table.info.get("after", ()))
        order.add(module_of(table), *sorted(lower - {module_of(table)}))
    return list(order.static_order())


def whole_schema(metadata: MetaData) -> list[str]:
    """Return every statement that makes the schema in an empty database."""
    modules = modules_in_order(metadata)
    body = [statement for module in modules for statement in module_statements(metadata, module)]
    return [*role_statements(), *opening_statements(), *body]
