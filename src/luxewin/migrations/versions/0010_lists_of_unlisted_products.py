"""Indexes for lists of products that are not for sale."""

from luxewin.migrations.online import build_index

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Index drafts and archived products by their age."""
    for status in ("draft", "archived"):
        build_index(
            f"catalog_products_{status}_idx",
            f"catalog_products (tenant_id, created_at DESC, id DESC) WHERE deleted_at IS NULL AND status = '{status}'",
        )
