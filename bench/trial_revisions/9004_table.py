"""A new table that refers to orders."""

import sqlalchemy as sa
from alembic import op

revision = "9004"
down_revision = "9003"


def upgrade() -> None:
    """Create it."""
    op.create_table(
        "trial_notes",
        sa.Column("tenant_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("order_id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id", "order_id"], ["orders_orders.tenant_id", "orders_orders.id"]),
    )
    op.execute("ALTER TABLE trial_notes ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE trial_notes FORCE ROW LEVEL SECURITY")
