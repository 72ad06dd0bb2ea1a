"""Declaration of tables: the tenant first in every key, forced row-level security, privileges per role.

Tables are SQLAlchemy metadata, for Alembic and for the reader; queries are hand-written SQL in `repository` layers.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.schema import SchemaItem

from luxewin.kit.roles import APP_ROLE, SYSTEM_ROLE

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "ck": "%(table_name)s_%(constraint_name)s_check",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    }
)
TENANT_IS_SET = "tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)"
"""The policy of the application's role. The subselect is evaluated once per statement, not once per row."""


def tenant_table(
    name: str,
    *items: SchemaItem,
    key: Sequence[str] = ("id",),
    app: str = "SELECT, INSERT, UPDATE, DELETE",
    system: str = "",
) -> Table:
    """Declare a table whose rows belong to a tenant: `tenant_id` leads its columns and its primary key.

    `app` and `system` are the privileges of the two roles. The application sees one tenant at a time; the system sees
    the rows of all tenants, in tables that grant it a privilege.
    """
    return Table(
        name,
        metadata,
        Column("tenant_id", Uuid, nullable=False),
        *items,
        PrimaryKeyConstraint("tenant_id", *key),
        info={"app": app, "system": system, "tenant": True},
    )


def timestamp(name: str, **options: Any) -> Column[Any]:
    """Declare a column of type timestamptz, NOT NULL unless `nullable=True` is given."""
    return Column(name, DateTime(timezone=True), nullable=options.pop("nullable", False), **options)


def reference(
    columns: Sequence[str], table: str, *, to: Sequence[str] = ("id",), **options: Any
) -> ForeignKeyConstraint:
    """Declare a foreign key that includes the tenant, so that no row can reference a row of another tenant."""
    return ForeignKeyConstraint(
        ["tenant_id", *columns], [f"{table}.tenant_id", *(f"{table}.{column}" for column in to)], **options
    )


def unique(*columns: str) -> UniqueConstraint:
    """Declare a key that is unique within a tenant."""
    return UniqueConstraint("tenant_id", *columns)


def index(name: str, *columns: Any, **options: Any) -> Index:
    """Declare an index with the tenant as its first column."""
    return Index(name, "tenant_id", *columns, **options)


def protection(table: Table) -> list[str]:
    """Return the statements that create the policies and privileges of a table."""
    rights = {APP_ROLE: table.info.get("app", ""), SYSTEM_ROLE: table.info.get("system", "")}
    statements = [f"GRANT {right} ON {table.fullname} TO {role}" for role, right in rights.items() if right]
    if not table.info.get("tenant"):
        return statements + list(table.info.get("also", ()))
    statements += [
        f"ALTER TABLE {table.fullname} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table.fullname} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY tenant ON {table.fullname} TO {APP_ROLE} USING ({TENANT_IS_SET}) WITH CHECK ({TENANT_IS_SET})",
    ]
    if rights[SYSTEM_ROLE]:
        statements.append(
            f"CREATE POLICY every_tenant ON {table.fullname} TO {SYSTEM_ROLE} USING (true) WITH CHECK (true)"
        )
    return statements + list(table.info.get("also", ()))
