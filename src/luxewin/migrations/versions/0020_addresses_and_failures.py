"""No account of a tenant has a super admin's address; failed attempts are counted by account and source."""

from luxewin.migrations.scripts import run_script

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the triggers that reserve addresses, and the table of failed attempts by source."""
    run_script(revision, "identity")
