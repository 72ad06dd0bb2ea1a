"""A cart holds tickets beside goods; two people cancel a raffle that is locked."""

from luxewin.migrations.online import build_index, validate
from luxewin.migrations.scripts import run_script

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ACCEPTED = {"ban-drop-not-null": "only an item of tickets names no variant, and the version before adds none"}


def upgrade() -> None:
    """Let an item of a cart be tickets, and keep what two people have decided about a locked raffle."""
    run_script(revision, "cart")
    run_script(revision, "cancellations")
    build_index("cart_items_raffle_idx", "cart_items (tenant_id, cart_id, raffle_id)", unique=True)
    validate("cart_items", "cart_items_what_check")
