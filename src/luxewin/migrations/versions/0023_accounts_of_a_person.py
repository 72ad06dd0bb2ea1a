"""The accounts of a person are recorded under the keyed hash of the mailbox, so that limits count them together."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; an account is recorded when it next buys a ticket or sets a limit."""
    op.create_table(
        "raffles_persons",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("person_hash", sa.LargeBinary(), nullable=False),
        sa.Column("entrant_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("octet_length(person_hash) = 32", name=op.f("raffles_persons_person_hash_check")),
        sa.PrimaryKeyConstraint("tenant_id", "person_hash", "entrant_id", name=op.f("raffles_persons_pkey")),
    )
    op.create_index("raffles_persons_entrant_idx", "raffles_persons", ["tenant_id", "entrant_id"], unique=False)
    op.execute("GRANT SELECT, INSERT ON raffles_persons TO luxewin_app")
    op.execute("ALTER TABLE raffles_persons ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE raffles_persons FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON raffles_persons TO luxewin_app USING (tenant_id = (SELECT"
        " nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id ="
        " (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid))"
    )
