"""Checks of migrations: none may block requests, or break the version that is still running.

Squawk checks the locks of DDL statements. The rules here cover what it does not check: changes of many rows, and locks
or rewrites of whole tables. Both read the SQL that a revision would run.

Some steps violate a rule by design, such as dropping a column that is no longer read. Such a revision lists the rule
with its reason in `ACCEPTED`; an entry that is not needed is a fault too.
"""

import json
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from alembic.script import Script

from luxewin.migrations.development_tools import find_tool
from luxewin.migrations.driving import rendered_sql
from luxewin.runtime.postgres.external import OLDEST_VERSION

SHORTEST_REASON_WORDS = 3
_STYLE = (
    "prefer-bigint-over-int",
    "prefer-bigint-over-smallint",
    "prefer-identity",
    "prefer-robust-stmts",
    "prefer-text-field",
    "ban-char-field",
    "require-lock-timeout",
    "require-statement-timeout",
)
"""Rules of style, and settings that the runner applies to every revision."""
_HIDDEN = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/", re.DOTALL)
_BODY = re.compile(r"(\$\w*\$).*?\1", re.DOTALL)
_CREATED = re.compile(r"CREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?([\w.\"]+)", re.IGNORECASE)
_CHANGED = re.compile(
    r"^(?:WITH\b.*?\b)?(?:UPDATE|DELETE FROM|MERGE INTO) (?:ONLY )?([\w.\"]+)", re.IGNORECASE | re.DOTALL
)
_ALTERED = re.compile(r"ALTER TABLE (?:IF EXISTS )?(?:ONLY )?([\w.\"]+)", re.IGNORECASE)
_ALEMBICS_OWN = "alembic_version"


def faults(revision: Script, more_versions: Sequence[Path] = ()) -> list[str]:
    """Return the faults of a revision, each with its rule; empty if it may run while requests are served."""
    accepted: Mapping[str, str] = getattr(revision.module, "ACCEPTED", {})
    found = faults_of(rendered_sql(revision, more_versions))
    unused = [f"{rule}: accepted without need" for rule in accepted if rule not in {rule for rule, _ in found}]
    unexplained = [
        f"{rule}: accepted without a reason"
        for rule, reason in accepted.items()
        if len(reason.split()) < SHORTEST_REASON_WORDS
    ]
    return [f"{rule}: {message}" for rule, message in found if rule not in accepted] + unused + unexplained


def faults_of(sql: str) -> list[tuple[str, str]]:
    """Return the rules that a script violates, each with a message."""
    return [*_squawk_findings(sql), *_own_findings(sql)]


def _squawk_findings(sql: str) -> Iterator[tuple[str, str]]:
    program = find_tool("squawk")
    options = [f"--pg-version={OLDEST_VERSION}", "--no-assume-in-transaction", "--reporter=json"]
    checked = subprocess.run(  # noqa: S603 - a development tool; the script is its standard input
        [program, *options, *(f"--exclude={rule}" for rule in _STYLE), "--stdin-filepath=migration.sql"],
        input=sql,
        capture_output=True,
        text=True,
        check=False,
    )
    for finding in json.loads(checked.stdout):
        yield finding["rule_name"], f"line {finding['line'] + 1}: {finding['message']}"


def _own_findings(sql: str) -> Iterator[tuple[str, str]]:
    statements = list(_statements(sql))
    new = {table for statement in statements for table in _CREATED.findall(statement)}
    if len(_find_tables_altered_together(statements, new)) > 1:
        yield (
            "one-table-a-transaction",
            "the lock of one table is held while waiting for the other; split it into two revisions",
        )
    for statement in statements:
        for rule, (breaks, message) in _RULES.items():
            if breaks(statement, new):
                yield rule, f"{message}: {statement[:80]}"


def _statements(sql: str) -> Iterator[str]:
    """Yield the statements of a script without comments, literals and function bodies, and those in DO blocks."""
    bare = _HIDDEN.sub("''", sql)
    do_blocks = [body[0] for body in re.finditer(r"\bDO\s+" + _BODY.pattern, bare, re.DOTALL | re.IGNORECASE)]
    for statement in _BODY.sub("''", bare).split(";"):
        yield " ".join(statement.split())
    for block in do_blocks:
        yield " ".join(block.split())


def _find_tables_altered_together(statements: Sequence[str], new: set[str]) -> set[str]:
    """Return the existing tables altered by the first transaction that alters more than one."""
    tables: set[str] = set()
    for statement in statements:
        altered = _ALTERED.match(statement)
        if altered is not None and altered[1] not in new:
            tables.add(altered[1])
        if statement.upper() == "COMMIT":
            if len(tables) > 1:
                break
            tables.clear()
    return tables


def _starts_with(*words: str) -> Callable[[str, set[str]], bool]:
    pattern = re.compile("|".join(words), re.IGNORECASE)
    return lambda statement, _new: pattern.match(statement) is not None


def _changes_rows_at_once(statement: str, new: set[str]) -> bool:
    changed = _CHANGED.match(statement)
    return changed is not None and changed[1] not in {*new, _ALEMBICS_OWN} and " LIMIT " not in f"{statement.upper()} "


def _changes_tables_in_do(statement: str, _new: set[str]) -> bool:
    return (
        re.match(r"DO\b.*\b(?:UPDATE|DELETE|ALTER|DROP|LOCK|INDEX|TRUNCATE|EXECUTE)\b", statement, re.IGNORECASE)
        is not None
    )


def _copies_rows(statement: str, _new: set[str]) -> bool:
    return (
        re.match(r"INSERT INTO .*\bSELECT\b.*\bFROM\b", statement, re.IGNORECASE) is not None
        and " LIMIT " not in statement
    )


_RULES: Mapping[str, tuple[Callable[[str, set[str]], bool], str]] = {
    "change-rows-in-batches": (_changes_rows_at_once, "rows stay locked until all are changed; use `online.fill`"),
    "copy-rows-in-batches": (_copies_rows, "one long transaction; use `online.fill` with a LIMIT"),
    "no-lock-table": (_starts_with("LOCK "), "all other transactions wait for the lock"),
    "no-truncate": (_starts_with("TRUNCATE "), "readers wait, and running transactions lose rows"),
    "no-rewrite": (
        _starts_with("VACUUM FULL", "CLUSTER ", r"ALTER TABLE .* SET (?:TABLESPACE|LOGGED|UNLOGGED|ACCESS METHOD)"),
        "the table is rewritten, and cannot be read meanwhile",
    ),
    "no-plain-refresh": (
        _starts_with(r"REFRESH MATERIALIZED VIEW (?!CONCURRENTLY)"),
        "readers wait until the view is complete",
    ),
    "no-hidden-deeds": (
        _changes_tables_in_do,
        "changes of tables in a DO block cannot be checked; write them as statements",
    ),
}
RULES = tuple(_RULES)
