"""Prizes are claimed in time or passed on, some ship through an order; two people skip a ticket; draws are anchored."""

from luxewin.migrations.online import build_index, validate
from luxewin.migrations.scripts import run_script

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ACCEPTED = {
    "ban-drop-constraint": "a wider one takes its place in the same statement, and holds for what is written now",
    "ban-drop-default": "it gave winners of before their two weeks, and no version has relied on it",
}


def upgrade() -> None:
    """Let winners claim, prizes ship, and draws be anchored; winners of before have two weeks from now."""
    run_script(revision, "claims")
    run_script(revision, "anchors")
    build_index(
        "raffles_winners_current_idx",
        "raffles_winners (tenant_id, raffle_id, prize) WHERE status IN ('winner', 'claimed', 'handed_over')",
        unique=True,
    )
    for table, constraint in (
        ("raffles_raffles", "claim_days"),
        ("raffles_prizes", "ships"),
        ("raffles_winners", "status"),
        ("raffles_winners", "prize"),
        ("raffles_winners", "order"),
        ("raffles_tickets", "was_entered"),
    ):
        validate(table, f"{table}_{constraint}_check")
