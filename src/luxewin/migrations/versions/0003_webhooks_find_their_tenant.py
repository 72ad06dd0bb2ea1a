"""Webhooks find their tenant: an endpoint's id is unique in the installation, and the system may look whose it is."""

from alembic import op

from luxewin.migrations.online import build_index

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ENDPOINTS = "payments_webhook_endpoints"


def upgrade() -> None:
    """Let the system's role read everything of an endpoint but its secret."""
    op.execute(f"GRANT SELECT (tenant_id, id, gateway, retired_at) ON {ENDPOINTS} TO luxewin_system")
    op.execute(f"CREATE POLICY every_tenant ON {ENDPOINTS} TO luxewin_system USING (true) WITH CHECK (true)")
    build_index("payments_webhook_endpoints_id_idx", f"{ENDPOINTS} (id)", unique=True)
