"""A nullable column on a table in constant use."""

import sqlalchemy as sa
from alembic import op

from luxewin.migrations.revisions import newest_revision

revision = "9001"
down_revision = newest_revision()


def upgrade() -> None:
    """Add it."""
    op.add_column("orders_orders", sa.Column("trial_note", sa.Text))
