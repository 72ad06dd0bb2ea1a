"""Imports that check first, tell what they change, and can be taken back."""

from luxewin.migrations.scripts import run_script

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what imports note of themselves and of their changes, and the function that takes statistics."""
    run_script(revision, "imports")
