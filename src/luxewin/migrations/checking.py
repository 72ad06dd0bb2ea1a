"""The check that refuses a migration which would keep the traffic waiting, or break the version that still runs.

Squawk knows which forms of DDL take which locks; what it does not look at, rows that are changed and tables that are
locked or rewritten as a whole, is looked for here. Both read the SQL that a revision would run.

Some steps cannot be had without: a column that nothing reads any more must go at last. Such a revision says so in
`ACCEPTED`, the rule and the reason, and a rule that is accepted for nothing is a fault as well.
"""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from alembic.script import Script

from luxewin.kit.startup import StartupError
from luxewin.migrations.driving import written_down
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
"""What concerns taste, and what the runner sees to for every revision."""
_HIDDEN = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/", re.DOTALL)
_BODY = re.compile(r"(\$\w*\$).*?\1", re.DOTALL)
_CREATED = re.compile(r"CREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?([\w.\"]+)", re.IGNORECASE)
_CHANGED = re.compile(
    r"^(?:WITH\b.*?\b)?(?:UPDATE|DELETE FROM|MERGE INTO) (?:ONLY )?([\w.\"]+)", re.IGNORECASE | re.DOTALL
)
_ALTERED = re.compile(r"ALTER TABLE (?:IF EXISTS )?(?:ONLY )?([\w.\"]+)", re.IGNORECASE)
_ALEMBICS_OWN = "alembic_version"


def faults(revision: Script, more_versions: Sequence[Path] = ()) -> list[str]:
    """Return what is wrong with a revision, each fault with its rule; nothing, where it may run beside the traffic."""
    accepted: Mapping[str, str] = getattr(revision.module, "ACCEPTED", {})
    found = faults_of(written_down(revision, more_versions))
    idle = [f"{rule}: accepted for nothing" for rule in accepted if rule not in {rule for rule, _ in found}]
    mute = [
        f"{rule}: accepted without a reason"
        for rule, reason in accepted.items()
        if len(reason.split()) < SHORTEST_REASON_WORDS
    ]
    return [f"{rule}: {message}" for rule, message in found if rule not in accepted] + idle + mute


def faults_of(sql: str) -> list[tuple[str, str]]:
    """Return the rules that a script breaks, each with what it says."""
    return [*_squawks(sql), *_own_findings(sql)]


def _squawks(sql: str) -> Iterator[tuple[str, str]]:
    beside = Path(sys.executable).with_name("squawk")
    program = str(beside) if beside.exists() else shutil.which("squawk")
    if program is None:
        raise StartupError("Squawk, which checks migrations, is not installed: run `make check` once")
    options = [f"--pg-version={OLDEST_VERSION}", "--no-assume-in-transaction", "--reporter=json"]
    checked = subprocess.run(  # noqa: S603 - a tool of ours; the script goes in by its standard input
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
    if len(_altered_together(statements, new)) > 1:
        yield "one-table-a-transaction", "the lock on one is held while the other's is waited for; make two revisions"
    for statement in statements:
        for rule, (breaks, message) in _RULES.items():
            if breaks(statement, new):
                yield rule, f"{message}: {statement[:80]}"


def _statements(sql: str) -> Iterator[str]:
    """Yield the statements of a script, without comments, texts and function bodies; of DO the body is its deed."""
    bare = _HIDDEN.sub("''", sql)
    deeds = [body[0] for body in re.finditer(r"\bDO\s+" + _BODY.pattern, bare, re.DOTALL | re.IGNORECASE)]
    for statement in _BODY.sub("''", bare).split(";"):
        yield " ".join(statement.split())
    for deed in deeds:
        yield " ".join(deed.split())


def _altered_together(statements: Sequence[str], new: set[str]) -> set[str]:
    """Return the existing tables that a transaction alters, of the first that alters more than one."""
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


def _begins(*words: str) -> Callable[[str, set[str]], bool]:
    pattern = re.compile("|".join(words), re.IGNORECASE)
    return lambda statement, _new: pattern.match(statement) is not None


def _changes_rows_at_once(statement: str, new: set[str]) -> bool:
    changed = _CHANGED.match(statement)
    return changed is not None and changed[1] not in {*new, _ALEMBICS_OWN} and " LIMIT " not in f"{statement.upper()} "


def _hides_what_it_does(statement: str, _new: set[str]) -> bool:
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
    "no-lock-table": (_begins("LOCK "), "everybody waits for the lock's end"),
    "no-truncate": (_begins("TRUNCATE "), "readers wait, and what runs misses its rows"),
    "no-rewrite": (
        _begins("VACUUM FULL", "CLUSTER ", r"ALTER TABLE .* SET (?:TABLESPACE|LOGGED|UNLOGGED|ACCESS METHOD)"),
        "the table is written anew while nobody may read it",
    ),
    "no-plain-refresh": (
        _begins(r"REFRESH MATERIALIZED VIEW (?!CONCURRENTLY)"),
        "readers wait until the view is full",
    ),
    "no-hidden-deeds": (
        _hides_what_it_does,
        "what a DO block does to tables cannot be checked; write it as statements",
    ),
}
RULES = tuple(_RULES)
