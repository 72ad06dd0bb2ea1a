"""Alembic's environment: it runs on a given connection, or renders SQL; drafts of tables include their policies."""

from typing import Any

from alembic import context
from alembic.operations.ops import CreateTableOp, ExecuteSQLOp, MigrationScript

from luxewin.kit.schema import metadata, protection


def protect_new_tables(_context: Any, _revision: Any, directives: list[MigrationScript]) -> None:
    """Add policies and privileges after each table that a draft creates."""
    for script in directives:
        upgrade = script.upgrade_ops
        if upgrade is None:
            continue
        created = [operation.to_table() for operation in upgrade.ops if isinstance(operation, CreateTableOp)]
        for table in created:
            protected = protection(metadata.tables[table.fullname])
            upgrade.ops.extend(ExecuteSQLOp(statement) for statement in protected)


def is_ours(name: str | None, kind: str, _parents: Any) -> bool:
    """Return whether to compare an object with the models; for schemas, only if the models declare it."""
    return kind != "schema" or name in {table.schema for table in metadata.tables.values()}


if context.is_offline_mode():
    context.configure(dialect_name="postgresql", target_metadata=metadata, transaction_per_migration=True)
else:
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=metadata,
        include_schemas=True,
        include_name=is_ours,
        process_revision_directives=protect_new_tables,
        transaction_per_migration=True,
    )
with context.begin_transaction():
    context.run_migrations()
