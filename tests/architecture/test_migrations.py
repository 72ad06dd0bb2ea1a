"""No revision after the first blocks requests; each rule rejects an example, and each safe form is accepted."""

from pathlib import Path

import pytest

from luxewin.migrations import checking
from luxewin.migrations.checking import faults, faults_of
from luxewin.migrations.driving import revisions
from tests.architecture.tree import ROOT

TRIAL = ROOT / "bench" / "trial_revisions"
BLOCKING = {
    "require-concurrent-index-creation": "CREATE INDEX i ON orders_orders (tenant_id, email)",
    "require-concurrent-index-deletion": "DROP INDEX orders_orders_due_idx",
    "adding-required-field": "ALTER TABLE orders_orders ADD COLUMN note text NOT NULL",
    "adding-field-with-default": "ALTER TABLE orders_orders ADD COLUMN u uuid NOT NULL DEFAULT gen_random_uuid()",
    "adding-not-nullable-field": "ALTER TABLE orders_orders ALTER COLUMN email SET NOT NULL",
    "constraint-missing-not-valid": "ALTER TABLE orders_orders ADD CONSTRAINT c CHECK (email <> '')",
    "adding-foreign-key-constraint": (
        "ALTER TABLE orders_orders ADD CONSTRAINT f FOREIGN KEY (tenant_id, user_id) REFERENCES identity_users"
    ),
    "disallowed-unique-constraint": "ALTER TABLE orders_orders ADD CONSTRAINT u UNIQUE (tenant_id, email)",
    "changing-column-type": "ALTER TABLE orders_orders ALTER COLUMN version TYPE numeric",
    "renaming-column": "ALTER TABLE orders_orders RENAME COLUMN email TO mail",
    "renaming-table": "ALTER TABLE orders_orders RENAME TO orders_placed",
    "ban-drop-column": "ALTER TABLE orders_orders DROP COLUMN email",
    "ban-drop-table": "DROP TABLE orders_orders",
    "ban-drop-view": "DROP VIEW orders_v_orders",
    "ban-concurrent-index-creation-in-transaction": "CREATE INDEX CONCURRENTLY i ON orders_orders (tenant_id, email)",
    "change-rows-in-batches": "UPDATE orders_orders SET email = lower(email) WHERE email <> lower(email)",
    "copy-rows-in-batches": "INSERT INTO orders_notes SELECT tenant_id, id FROM orders_orders",
    "no-lock-table": "LOCK TABLE orders_orders IN SHARE MODE",
    "no-truncate": "TRUNCATE orders_history",
    "no-rewrite": "ALTER TABLE orders_orders SET UNLOGGED",
    "no-plain-refresh": "REFRESH MATERIALIZED VIEW sales",
    "one-table-a-transaction": (
        "ALTER TABLE orders_orders ADD COLUMN note text; ALTER TABLE orders_lines ADD COLUMN note text"
    ),
    "no-hidden-deeds": "DO $$ BEGIN UPDATE orders_orders SET email = ''; END $$",
}
SAFE = {
    "a column that may be empty": "ALTER TABLE orders_orders ADD COLUMN note text",
    "a column with a constant": "ALTER TABLE orders_orders ADD COLUMN note text NOT NULL DEFAULT ''",
    "a rule for new rows": "ALTER TABLE orders_orders ADD CONSTRAINT c CHECK (email <> '') NOT VALID",
    "a reference for new rows": (
        "ALTER TABLE orders_orders ADD CONSTRAINT f FOREIGN KEY (tenant_id, user_id)"
        " REFERENCES identity_users (tenant_id, id) NOT VALID"
    ),
    "a new table with its index": (
        "CREATE TABLE orders_notes (tenant_id uuid NOT NULL, id uuid NOT NULL, PRIMARY KEY (tenant_id, id));"
        " CREATE INDEX i ON orders_notes (tenant_id, id); ALTER TABLE orders_notes ENABLE ROW LEVEL SECURITY;"
        " UPDATE orders_notes SET id = id"
    ),
    "a role": ("DO $$ BEGIN CREATE ROLE luxewin_more NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$"),
    "a function": (
        "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN UPDATE orders_orders SET email = ''; END $$"
    ),
    "a batch": (
        "UPDATE orders_orders SET email = '' WHERE id IN (SELECT id FROM orders_orders WHERE email IS NULL LIMIT 1000)"
    ),
    "a word in a text": "COMMENT ON TABLE orders_orders IS 'a; LOCK TABLE is no statement here'",
}


def script(statements: str) -> str:
    return f"BEGIN;\n{statements};\nUPDATE alembic_version SET version_num = '9' WHERE version_num = '8';\nCOMMIT;\n"


@pytest.mark.parametrize("rule", BLOCKING)
def test_a_blocking_migration_is_rejected(rule: str) -> None:
    assert rule in {name for name, _ in faults_of(script(BLOCKING[rule]))}


@pytest.mark.parametrize("form", SAFE)
def test_a_safe_form_is_accepted(form: str) -> None:
    assert faults_of(script(SAFE[form])) == []


def test_set_not_null_is_accepted_after_a_validated_check() -> None:
    assert faults_of(script("ALTER TABLE orders_orders VALIDATE CONSTRAINT c")) == []
    steps = (
        "ALTER TABLE t ADD CONSTRAINT c CHECK (a IS NOT NULL) NOT VALID;\nCOMMIT;\nALTER TABLE t VALIDATE CONSTRAINT c;"
    )
    assert faults_of(script(f"{steps}\nBEGIN;\nALTER TABLE t ALTER COLUMN a SET NOT NULL")) == []


def test_every_custom_rule_has_an_example_that_it_rejects() -> None:
    assert set(checking.RULES) <= BLOCKING.keys()


def test_no_revision_after_the_first_blocks() -> None:
    assert [(revision.revision, faults(revision)) for revision in revisions() if faults(revision)] == []


def test_the_revisions_of_the_benchmark_are_safe() -> None:
    trial = [revision for revision in revisions([TRIAL]) if Path(revision.path).is_relative_to(TRIAL)]
    assert len(trial) > 4
    assert [(revision.revision, faults(revision, [TRIAL])) for revision in trial if faults(revision, [TRIAL])] == []


REVISION = """
from alembic import op
from luxewin.migrations.revisions import newest_revision

revision, down_revision = "9501", newest_revision()
{accepted}

def upgrade():
    op.execute("{statement}")
"""


@pytest.mark.parametrize(
    ("statement", "accepted", "fault"),
    [
        ("ALTER TABLE orders_orders DROP COLUMN email", "", "ban-drop-column: "),
        (
            "ALTER TABLE orders_orders DROP COLUMN email",
            "ACCEPTED = {'ban-drop-column': 'nothing has read it since 0.3'}",
            None,
        ),
        (
            "ALTER TABLE orders_orders DROP COLUMN email",
            "ACCEPTED = {'ban-drop-column': 'because'}",
            "ban-drop-column: accepted without a reason",
        ),
        ("SELECT 1", "ACCEPTED = {'no-truncate': 'it was like that before'}", "no-truncate: accepted without need"),
    ],
)
def test_a_revision_may_accept_a_rule_for_a_reason(
    tmp_path: Path, statement: str, accepted: str, fault: str | None
) -> None:
    (tmp_path / "9501_more.py").write_text(REVISION.format(accepted=accepted, statement=statement), encoding="utf-8")
    revision = next(revision for revision in revisions([tmp_path]) if revision.revision == "9501")
    found = faults(revision, [tmp_path])
    assert found[0].startswith(fault) if fault else found == [], found
