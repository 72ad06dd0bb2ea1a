"""Indexes: of variants that are sold out, and of the order in which the outbox is published."""

from luxewin.migrations.online import build_index

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build them beside the traffic."""
    build_index("inventory_variants_sold_out_idx", "inventory_variants (tenant_id, variant_id) WHERE NOT in_stock")
    build_index("kit_outbox_number_idx", "kit_outbox (number)")
    build_index("kit_outbox_aggregate_idx", "kit_outbox (tenant_id, aggregate_id, aggregate_version)")
