"""The first schema: a shop that sells, with its ledger, its stock and its events."""

from luxewin.migrations.scripts import run_script

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCRIPTS = (
    "roles",
    "kit_functions",
    "cart",
    "identity",
    "inventory",
    "kit",
    "ledger",
    "orders",
    "payments",
    "shipping",
    "simulator",
    "storefront",
    "tenants",
    "vendors",
    "catalog",
)


def upgrade() -> None:
    """Create roles, functions and every module's tables, lower modules first."""
    for script in SCRIPTS:
        run_script(revision, script)
