"""Decisions of two people are among their security events, and the audit log is searched by target."""

from alembic import op

from luxewin.migrations.online import build_index, validate

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

ACCEPTED = {"ban-drop-constraint": "the list of kinds becomes longer, and keeps its name"}
EVENTS = "identity_security_events"
KIND = "identity_security_events_kind_check"


def upgrade() -> None:
    """Accept one more kind of event, and build the index."""
    op.execute(f"ALTER TABLE {EVENTS} DROP CONSTRAINT {KIND}")
    op.execute(
        f"ALTER TABLE {EVENTS} ADD CONSTRAINT {KIND} CHECK (kind IN ('login_failed', 'account_locked', 'new_device',"
        " 'password_changed', 'refresh_token_reused', 'decision_confirmed')) NOT VALID"
    )
    validate(EVENTS, KIND)
    build_index("kit_audit_target_idx", "kit_audit (tenant_id, target, at)")
