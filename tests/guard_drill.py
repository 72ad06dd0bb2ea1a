"""The guard drill: take each guard away, one at a time, and demand that a test notices.

    python -m tests.guard_drill            every guard
    python -m tests.guard_drill stock      the guards whose name holds the word (with several words: all of them)

A guard is taken away in a copy of the tree. The tests named with it are shown green in the copy first; then they run
without the guard and must fail. A drill in which they stay green, cannot run, or do not end, shows a guard that nobody
would miss. The exit status is 0 when every guard was missed, 1 when one was not, 2 when no guard has such a name.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from functools import cache
from pathlib import Path

from tests.drill.guards import GUARDS, Guard

ROOT = Path(__file__).resolve().parent.parent
_COPIED = ("docs", "src", "tests", "verify", "pyproject.toml")
_LINKED = Path("tests") / "chain" / "node_modules"  # large, and never changed
_ALL_PASSED, _SOME_TEST_FAILED = 0, 1
_LONGEST_RUN_SECONDS = 300


class Verdict(StrEnum):
    """What a run of tests came to; whatever else happened is told in its own words."""

    GREEN = "green"
    RED = "red"


def main(arguments: Sequence[str]) -> int:
    """Drill the guards whose names hold every word, and return the exit status."""
    parser = argparse.ArgumentParser(
        "python -m tests.guard_drill", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("words", nargs="*", help="drill only the guards whose names hold all of these")
    words: list[str] = parser.parse_args(arguments).words
    guards = [guard for guard in GUARDS if all(word in guard.name for word in words)]
    if not guards:
        say(f"No guard has a name that holds {' and '.join(map(repr, words))}; there are {len(GUARDS)} guards")
        return 2
    unmissed = []
    for number, guard in enumerate(guards, start=1):
        begun = time.monotonic()
        wrong = drill(guard)
        if wrong is not None:
            unmissed.append(guard.name)
        outcome = wrong or "missed, as it must be"
        say(f"[{number:>2}/{len(guards)}] {guard.name}: {outcome} ({time.monotonic() - begun:.1f} s)")
    say(f"{len(guards) - len(unmissed)} guards are watched, {len(unmissed)} are not")
    return 1 if unmissed else 0


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def drill(guard: Guard) -> str | None:
    """Take one guard away and run its tests; return what is wrong, or None when a test went red."""
    with copied() as copy:
        file = copy / guard.file
        text = file.read_text(encoding="utf-8")
        if text.count(guard.guard) != 1:
            return (
                f"its text stands {text.count(guard.guard)} times in {guard.file}; the drill must be brought up to date"
            )
        before = with_all_guards(tuple(guard.tests))
        if before is not Verdict.GREEN:
            return f"its tests are not green while it stands: {before}"
        file.write_text(text.replace(guard.guard, guard.gone), encoding="utf-8")
        without = verdict(copy, guard.tests)
    if without is Verdict.RED:
        return None
    return "NOBODY MISSED IT" if without is Verdict.GREEN else without


@cache
def with_all_guards(tests: tuple[str, ...]) -> str:
    """Return the verdict of tests with every guard in its place; once for each set of tests, as it is always equal."""
    with copied() as copy:
        return verdict(copy, tests)


@contextmanager
def copied() -> Iterator[Path]:
    """Copy the tree, compiled as it is, into a folder that is there while the block runs."""
    with tempfile.TemporaryDirectory(prefix="luxewin-drill-") as folder:
        copy = Path(folder)
        for name in _COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns(_LINKED.name))
            else:
                shutil.copy(source, copy / name)
        if (ROOT / _LINKED).exists():
            (copy / _LINKED).symlink_to(ROOT / _LINKED)
        yield copy


def verdict(copy: Path, tests: Sequence[str]) -> str:
    """Run tests in a copy: green, red, or why they came to neither.

    Their temporary folders are in the copy as well: a second pytest closes those of the first to the database's user.
    """
    try:
        run = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-x", "--no-header", "-p", "no:cacheprovider", *tests],
            cwd=copy,
            env={**_environment(), "PYTHONPATH": str(copy / "src"), "PYTEST_DEBUG_TEMPROOT": str(copy)},
            capture_output=True,
            text=True,
            check=False,
            timeout=_LONGEST_RUN_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return f"the tests did not end within {_LONGEST_RUN_SECONDS} seconds"
    if run.returncode == _SOME_TEST_FAILED and " failed" in run.stdout:
        return Verdict.RED
    if run.returncode == _ALL_PASSED:
        return Verdict.GREEN
    return f"the tests could not run:\n{run.stdout[-2000:]}{run.stderr[-2000:]}"


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("LUXEWIN_", "COV_", "PYTEST_"))}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
