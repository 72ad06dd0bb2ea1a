"""Unpaid orders are counted by network address."""

from alembic import op

from luxewin.migrations.online import build_index

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, and the index of unpaid orders."""
    op.execute("ALTER TABLE orders_orders ADD COLUMN address_bucket BIGINT")
    build_index(
        "orders_orders_address_idx",
        "orders_orders (tenant_id, address_bucket, placed_at DESC)"
        " WHERE address_bucket IS NOT NULL AND payment_status IN ('unpaid', 'unknown', 'authorised')",
    )
