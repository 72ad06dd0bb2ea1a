"""The constraint for every row: validated while requests are served, then NOT NULL of the column."""

from alembic import op

from luxewin.migrations.online import validate

revision = "9006"
down_revision = "9005"


def upgrade() -> None:
    """Check it, and demand it."""
    validate("orders_orders", "trial_note_is_there")
    op.execute("ALTER TABLE orders_orders ALTER COLUMN trial_note SET NOT NULL")
