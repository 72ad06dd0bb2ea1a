"""Plans that stay right while tables grow, and fewer checks for each posting."""

from luxewin.migrations.online import build_index, drop_index
from luxewin.migrations.scripts import run_script

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Check postings once per statement, analyse growing tables, and index idempotency keys by their time alone."""
    run_script(revision, "kit")
    run_script(revision, "ledger")
    drop_index("kit_idempotency_keys_created_idx")
    build_index("kit_idempotency_keys_created_idx", "kit_idempotency_keys (created_at)")
