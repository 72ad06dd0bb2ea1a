"""Imports of product files: the file in chunks, the progress, the errors, the notes and the changes.

A row of `catalog_import_changes` is the outcome for one product of the file. If the import has written, the row also
has what an undo needs: the product as it was `before` (null for a new one), and the adjustments of counted stock. The
tables have the prefix `catalog_` because imports belonged to that module when the tables were created.
"""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Integer, LargeBinary, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from luxewin.kit.schema import index, reference, tenant_table, timestamp

imports = tenant_table(
    "catalog_imports",
    Column("id", Uuid, nullable=False),
    Column("format", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("dry_run", Boolean, nullable=False),
    Column("stock", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("done", Integer, nullable=False),
    Column("total", Integer),
    Column("created_count", Integer, nullable=False),
    Column("changed_count", Integer, nullable=False),
    Column("unchanged_count", Integer, nullable=False),
    Column("error_count", Integer, nullable=False),
    Column("note", Text),
    Column("failure", JSONB),
    Column("actor", Text, nullable=False),
    timestamp("created_at"),
    timestamp("started_at", nullable=True),
    timestamp("finished_at", nullable=True),
    timestamp("lease_until", nullable=True),
    Column("version", BigInteger, nullable=False),
    Column("on_error", Text, nullable=False, server_default="skip"),
    Column("phase", Text, nullable=False, server_default="checking"),
    Column("percent", Integer, nullable=False, server_default="0"),
    Column("undoes", Uuid),
    Column("undone_by", Uuid),
    Column("variants", Text, nullable=False, server_default="keep"),
    Column("on_duplicate_sku", Text, nullable=False, server_default="clear"),
    Column("reading_options", JSONB),
    Column("reading", JSONB),
    Column("note_count", Integer, nullable=False, server_default="0"),
    CheckConstraint("format IN ('shopify_csv', 'jsonl')", name="format"),
    CheckConstraint("on_error IN ('abort', 'skip')", name="on_error"),
    CheckConstraint("phase IN ('checking', 'writing', 'taking_back')", name="phase"),
    CheckConstraint("percent BETWEEN 0 AND 100", name="percent"),
    reference(["undoes"], "catalog_imports"),
    reference(["undone_by"], "catalog_imports"),
    CheckConstraint("variants IN ('keep', 'replace')", name="variants"),
    CheckConstraint("on_duplicate_sku IN ('refuse', 'clear', 'suffix')", name="on_duplicate_sku"),
    CheckConstraint("note_count >= 0", name="note_count"),
    CheckConstraint("stock IN ('keep', 'overwrite')", name="stock"),
    CheckConstraint("status IN ('queued', 'running', 'completed', 'completed_with_errors', 'failed')", name="status"),
    CheckConstraint("done >= 0 AND (total IS NULL OR done <= total)", name="progress"),
    CheckConstraint(
        "created_count >= 0 AND changed_count >= 0 AND unchanged_count >= 0 AND error_count >= 0",
        name="counts",
    ),
    CheckConstraint("(status = 'failed') = (failure IS NOT NULL)", name="failure"),
    app="SELECT, INSERT, UPDATE",
)
index("catalog_imports_newest_idx", imports.c.created_at.desc(), imports.c.id.desc())
index("catalog_imports_due_idx", imports.c.created_at, postgresql_where=text("status IN ('queued', 'running')"))

import_pieces = tenant_table(
    "catalog_import_pieces",
    Column("import_id", Uuid, nullable=False),
    Column("number", Integer, nullable=False),
    Column("bytes", LargeBinary, nullable=False),
    reference(["import_id"], "catalog_imports"),
    key=("import_id", "number"),
    app="SELECT, INSERT, DELETE",
)

import_errors = tenant_table(
    "catalog_import_errors",
    Column("import_id", Uuid, nullable=False),
    Column("number", Integer, nullable=False),
    Column("line", Integer, nullable=False),
    Column("column", Text),
    Column("code", Text, nullable=False),
    Column("message", Text, nullable=False),
    reference(["import_id"], "catalog_imports"),
    key=("import_id", "number"),
    app="SELECT, INSERT",
)

import_notes = tenant_table(
    "catalog_import_notes",
    Column("import_id", Uuid, nullable=False),
    Column("number", Integer, nullable=False),
    Column("line", Integer, nullable=False),
    Column("column", Text),
    Column("code", Text, nullable=False),
    Column("message", Text, nullable=False),
    reference(["import_id"], "catalog_imports"),
    key=("import_id", "number"),
    app="SELECT, INSERT",
)

import_changes = tenant_table(
    "catalog_import_changes",
    Column("import_id", Uuid, nullable=False),
    Column("number", Integer, nullable=False),
    Column("line", Integer, nullable=False),
    Column("slug", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("fields", JSONB, nullable=False),
    Column("product_id", Uuid),
    Column("product_version", BigInteger),
    Column("before", JSONB),
    Column("stock", JSONB),
    Column("taken_back", Boolean, nullable=False),
    reference(["import_id"], "catalog_imports"),
    CheckConstraint("outcome IN ('created', 'changed', 'unchanged')", name="outcome"),
    key=("import_id", "number"),
    app="SELECT, INSERT, UPDATE (taken_back), DELETE",
)

sheet_columns = tenant_table(
    "catalog_sheet_columns",
    Column("name", Text, nullable=False),
    Column("position", Integer, nullable=False),
    key=("name",),
    app="SELECT, INSERT",
)
