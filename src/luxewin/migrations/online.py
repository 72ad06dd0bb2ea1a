"""What a migration does beside the traffic, outside of transactions: it may take long, and nobody waits for it.

Each of these commits what the revision did before it, and can be run again where it was interrupted.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import context, op
from sqlalchemy import text


def build_index(name: str, on: str, *, unique: bool = False) -> None:
    """Build an index, `on` being the table and what comes after it: `orders_orders (tenant_id, email)`.

    What an interrupted try has left would never become valid, so it is dropped first.
    """
    kind = "UNIQUE INDEX" if unique else "INDEX"
    with _beside_the_traffic():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        op.execute(f"CREATE {kind} CONCURRENTLY {name} ON {on}")


def drop_index(name: str) -> None:
    """Drop an index."""
    with _beside_the_traffic():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")


def validate(table: str, constraint: str) -> None:
    """Check the rows that were there before a constraint was added as NOT VALID."""
    with _beside_the_traffic():
        op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {constraint}")


def fill(statement: str) -> None:
    """Run a statement that changes rows, a batch at a time, until it finds none.

    It picks its batch with `LIMIT` and `FOR UPDATE SKIP LOCKED`, and must not find the same rows again:

        UPDATE orders_orders SET … WHERE (tenant_id, id) IN
            (SELECT tenant_id, id FROM orders_orders WHERE … IS NULL LIMIT 1000 FOR UPDATE SKIP LOCKED)
    """
    with _beside_the_traffic():
        if context.is_offline_mode():
            op.execute(statement)
            return
        op.execute("SET row_security = off")  # an owner who would not see every row fails, instead of filling half
        while op.get_bind().execute(text(statement)).rowcount:
            continue
        op.execute("RESET row_security")


@contextmanager
def _beside_the_traffic() -> Iterator[None]:
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")
        op.execute("SET statement_timeout = 0")
        yield
        op.execute("RESET lock_timeout")
        op.execute("RESET statement_timeout")
