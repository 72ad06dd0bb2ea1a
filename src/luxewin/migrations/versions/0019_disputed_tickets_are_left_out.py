"""Tickets whose payment is disputed at the lock are left out of the list of entries."""

from luxewin.migrations.online import build_index
from luxewin.migrations.scripts import run_script

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table of tickets that were left out, and the index of disputed payments."""
    run_script(revision, "raffles")
    build_index("payments_attempts_disputed_idx", "payments_attempts (tenant_id, order_id) WHERE disputed_minor > 0")
