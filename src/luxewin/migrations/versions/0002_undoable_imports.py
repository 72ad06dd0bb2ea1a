"""Imports that check first, tell what they change, and can be taken back."""

from luxewin.migrations.online import validate
from luxewin.migrations.scripts import run_script

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ACCEPTED = {"ban-drop-constraint": "the list of formats becomes longer, and keeps its name"}
CONSTRAINTS = (
    "catalog_imports_format_check",
    "catalog_imports_on_error_check",
    "catalog_imports_phase_check",
    "catalog_imports_percent_check",
    "catalog_imports_tenant_id_undoes_fkey",
    "catalog_imports_tenant_id_undone_by_fkey",
)


def upgrade() -> None:
    """Add what imports note of themselves and of their changes, and the function that takes statistics."""
    run_script(revision, "imports")
    for constraint in CONSTRAINTS:
        validate("catalog_imports", constraint)
