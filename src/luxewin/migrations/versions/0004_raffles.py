"""Raffles: what they promise, their tickets and draws; an order's line may be tickets."""

from luxewin.migrations.online import validate
from luxewin.migrations.scripts import run_script

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ACCEPTED = {"ban-drop-not-null": "only a line of tickets names no variant, and the version before sells none"}


def upgrade() -> None:
    """Add the tables of raffles, and let orders hold tickets."""
    run_script(revision, "raffles")
    run_script(revision, "orders")
    validate("orders_lines", "orders_lines_what_check")
