"""A value for every existing order, in batches, and a constraint for new ones."""

from alembic import op

from luxewin.migrations.online import fill

revision = "9005"
down_revision = "9004"


def upgrade() -> None:
    """Fill them, after new ones fill themselves."""
    op.execute("ALTER TABLE orders_orders ALTER COLUMN trial_note SET DEFAULT ''")
    fill(
        "UPDATE orders_orders SET trial_note = '' WHERE (tenant_id, id) IN"
        " (SELECT tenant_id, id FROM orders_orders WHERE trial_note IS NULL LIMIT 500 FOR UPDATE SKIP LOCKED)",
        tables=["orders_orders"],
    )
    op.execute("ALTER TABLE orders_orders ADD CONSTRAINT trial_note_is_there CHECK (trial_note IS NOT NULL) NOT VALID")
