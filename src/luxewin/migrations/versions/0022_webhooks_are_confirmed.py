"""How the handling of a webhook has ended is stored: applied, contradicted by the gateway, or given up."""

from alembic import op

from luxewin.migrations.online import validate

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; it is empty for webhooks that earlier versions have handled."""
    op.execute("ALTER TABLE payments_webhook_deliveries ADD COLUMN result TEXT")
    op.execute(
        "ALTER TABLE payments_webhook_deliveries ADD CONSTRAINT payments_webhook_deliveries_result_check"
        " CHECK (result IN ('applied', 'contradicted', 'given_up')) NOT VALID"
    )
    op.execute("GRANT UPDATE (result) ON payments_webhook_deliveries TO luxewin_app")
    validate("payments_webhook_deliveries", "payments_webhook_deliveries_result_check")
