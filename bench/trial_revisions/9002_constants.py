"""A column with a constant default, on a table that is read constantly."""

import sqlalchemy as sa
from alembic import op

revision = "9002"
down_revision = "9001"


def upgrade() -> None:
    """Add it."""
    op.add_column("catalog_products", sa.Column("trial_rank", sa.BigInteger, nullable=False, server_default="0"))
