"""When refresh tokens were used, rate limits that are counted for all processes, and limits that super admins set."""

from luxewin.migrations.online import validate
from luxewin.migrations.scripts import run_script

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the time of use to refresh tokens, and the tables of counted requests and of changed limits."""
    run_script(revision, "identity")
    run_script(revision, "kit")
    run_script(revision, "tenants")
    validate("identity_refresh_tokens", "identity_refresh_tokens_used_at_check")
