"""Imports of files from other shops: what was detected, what was noted, and what becomes of variants and SKUs."""

from luxewin.migrations.online import validate
from luxewin.migrations.scripts import run_script

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the options of reading, the reading itself, and the notes of imports."""
    run_script(revision, "imports")
    for name in ("variants", "on_duplicate_sku", "note_count"):
        validate("catalog_imports", f"catalog_imports_{name}_check")
