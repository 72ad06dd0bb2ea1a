"""Alembic's environment: runs on the connection it is handed, or writes SQL; new tables get their protection."""

from typing import Any

from alembic import context
from alembic.operations.ops import CreateTableOp, ExecuteSQLOp, MigrationScript

from luxewin.kit.schema import metadata, protection


def protect_new_tables(_context: Any, _revision: Any, directives: list[MigrationScript]) -> None:
    """Add policies and rights after each table that a draft creates, so that no draft forgets them."""
    for script in directives:
        upgrade = script.upgrade_ops
        if upgrade is None:
            continue
        created = [operation.table_name for operation in upgrade.ops if isinstance(operation, CreateTableOp)]
        for name in created:
            upgrade.ops.extend(ExecuteSQLOp(statement) for statement in protection(metadata.tables[name]))


if context.is_offline_mode():
    context.configure(dialect_name="postgresql", target_metadata=metadata, transaction_per_migration=True)
else:
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=metadata,
        process_revision_directives=protect_new_tables,
        transaction_per_migration=True,
    )
with context.begin_transaction():
    context.run_migrations()
