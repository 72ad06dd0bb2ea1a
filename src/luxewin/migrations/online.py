"""Migration steps that run outside transactions while requests are served; they may take long without blocking.

Each of them commits the earlier steps of the revision, and can be repeated after an interruption.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from alembic import context, op
from sqlalchemy import Connection, text

_FIRST = UUID(int=0)


def build_index(name: str, on: str, *, unique: bool = False) -> None:
    """Build an index; `on` is the table with the columns: `orders_orders (tenant_id, email)`.

    An invalid index of an interrupted attempt is dropped first.
    """
    kind = "UNIQUE INDEX" if unique else "INDEX"
    with _outside_transaction():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        op.execute(f"CREATE {kind} CONCURRENTLY {name} ON {on}")


def drop_index(name: str) -> None:
    """Drop an index."""
    with _outside_transaction():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")


def validate(table: str, constraint: str) -> None:
    """Validate a constraint that was added as NOT VALID."""
    with _outside_transaction():
        op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {constraint}")


def fill(statement: str, *, tables: Sequence[str]) -> None:
    """Repeat a statement that changes a batch of rows of these tables, until it changes none.

    It selects its batch with `LIMIT` and `FOR UPDATE SKIP LOCKED`, and must not select the same rows again:

        UPDATE orders_orders SET … WHERE (tenant_id, id) IN
            (SELECT tenant_id, id FROM orders_orders WHERE … IS NULL LIMIT 1000 FOR UPDATE SKIP LOCKED)
    """
    _show_to_owner(tables, statement)
    with _outside_transaction():
        if context.is_offline_mode():
            op.execute(statement)
        else:
            while op.get_bind().execute(text(statement)).rowcount:
                continue
    _hide_from_owner(tables)


def fill_rows(
    read: str, write: str, computed: Callable[[Any], Iterable[dict[str, Any]]], *, tables: Sequence[str]
) -> None:
    """Read rows of these tables in batches, and write what a function computes from each of them.

    `read` selects `tenant_id` and `id` with the values, after the position `(:tenant_id, :id)` and in its order, with a
    `LIMIT`. `write` is executed with each result, and must change nothing when it is repeated.
    """
    _show_to_owner(tables, read, write)
    with _outside_transaction():
        if context.is_offline_mode():
            op.execute(f"-- `luxewin migrate` computes the values of: {' '.join(write.split())}")
        else:
            _fill_batches(op.get_bind(), read, write, computed)
    _hide_from_owner(tables)


def _fill_batches(
    connection: Connection, read: str, write: str, computed: Callable[[Any], Iterable[dict[str, Any]]]
) -> None:
    position = {"tenant_id": _FIRST, "id": _FIRST}
    while rows := connection.execute(text(read), position).all():
        if written := [values for row in rows for values in computed(row)]:
            connection.execute(text(write), written)
        position = {"tenant_id": rows[-1].tenant_id, "id": rows[-1].id}


_READ_TABLES = """
    WITH RECURSIVE named AS (
        SELECT c.oid FROM pg_class c
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = ANY (CAST(:words AS text[]))
        UNION SELECT d.refobjid FROM named n JOIN pg_rewrite r ON r.ev_class = n.oid
        JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
            AND d.refclassid = 'pg_class'::regclass
    )
    SELECT c.relname FROM named n JOIN pg_class c ON c.oid = n.oid WHERE c.relrowsecurity ORDER BY 1
"""
"""The tables with row-level security that a statement of these words reads, also through views."""


def _show_to_owner(tables: Sequence[str], *statements: str) -> None:
    """Let the owner of the tables see the rows of all tenants: it may lack the right to bypass row-level security.

    Raises:
        ValueError: the statements read another table, whose rows would be hidden from such an owner without an error.
    """
    if not context.is_offline_mode():
        words = sorted(set(re.findall(r"\w+", " ".join(statements))))
        read = op.get_bind().execute(text(_READ_TABLES), {"words": words}).scalars()
        if hidden := sorted(set(read) - set(tables)):
            raise ValueError(f"the statement reads {', '.join(hidden)} too: name them in `tables`")
    for table in tables:
        op.execute(f"DROP POLICY IF EXISTS migration ON {table}")
        op.execute(f"CREATE POLICY migration ON {table} TO CURRENT_USER USING (true) WITH CHECK (true)")


def _hide_from_owner(tables: Sequence[str]) -> None:
    for table in tables:
        op.execute(f"DROP POLICY migration ON {table}")


@contextmanager
def _outside_transaction() -> Iterator[None]:
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")
        op.execute("SET statement_timeout = 0")
        yield
        op.execute("RESET lock_timeout")
        op.execute("RESET statement_timeout")
