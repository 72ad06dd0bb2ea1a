"""Carts know the details of their order; orders keep them; refunds keep their lines."""

from luxewin.migrations.scripts import run_script

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, empty, and the view of shipping methods."""
    run_script(revision, "cart")
    run_script(revision, "shipping")
    run_script(revision, "orders")
