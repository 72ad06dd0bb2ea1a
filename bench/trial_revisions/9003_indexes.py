"""Indexes on orders and products, built while requests are served."""

from luxewin.migrations.online import build_index

revision = "9003"
down_revision = "9002"


def upgrade() -> None:
    """Build them."""
    build_index("orders_orders_trial_idx", "orders_orders (tenant_id, email, id)")
    build_index("catalog_products_trial_idx", "catalog_products (tenant_id, trial_rank, id)", unique=True)
