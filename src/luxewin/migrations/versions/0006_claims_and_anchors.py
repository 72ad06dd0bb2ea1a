"""Prizes are claimed in time or passed on, some ship through an order; two people skip a ticket; draws are anchored."""

from luxewin.migrations.online import build_index, fill, validate
from luxewin.migrations.scripts import run_script

revision = "0006"
down_revision = "0004"
branch_labels = None
depends_on = None

ACCEPTED = {
    "ban-drop-constraint": "a wider one takes its place in the same statement, and holds for what is written now"
}


def upgrade() -> None:
    """Let winners claim, prizes ship, and draws be anchored; winners of before have two weeks from their draw."""
    run_script(revision, "claims")
    run_script(revision, "anchors")
    build_index(
        "raffles_winners_current_idx",
        "raffles_winners (tenant_id, raffle_id, prize) WHERE status IN ('winner', 'claimed', 'handed_over')",
        unique=True,
    )
    fill(
        "UPDATE raffles_winners SET claim_by = updated_at + interval '14 days' WHERE (tenant_id, raffle_id, place) IN"
        " (SELECT tenant_id, raffle_id, place FROM raffles_winners WHERE status = 'winner' AND claim_by IS NULL"
        " LIMIT 1000 FOR UPDATE SKIP LOCKED)"
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
