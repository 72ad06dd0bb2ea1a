"""The guard drill: remove each guard, one at a time, and require that a test fails.

    python -m tests.guard_drill            every guard
    python -m tests.guard_drill stock      the guards whose names contain the word (or all of several words)
    python -m tests.guard_drill --jobs 2   two guards at a time

A guard is removed in a copy of the tree. Its tests must pass in the copy first; then they run without the guard and
must fail. If they still pass, cannot run, or do not end, no test covers the guard. The exit status is 0 if every guard
is covered, 1 if one is not, and 2 if no guard has such a name.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from enum import StrEnum
from functools import cache
from pathlib import Path

from tests.drill.guards import GUARDS, Guard

ROOT = Path(__file__).resolve().parent.parent
_COPIED = ("docs", "src", "tests", "verify", "pyproject.toml")
_LINKED = (Path("tests/chain/node_modules"), Path("verify/typescript/node_modules"))  # large, and never changed
_ALL_PASSED, _SOME_TEST_FAILED = 0, 1
_LONGEST_RUN_SECONDS = 300


class Verdict(StrEnum):
    """The result of a run of tests; any other result is a description."""

    PASSED = "passed"
    FAILED = "failed"


def main(arguments: Sequence[str]) -> int:
    """Drill the guards whose names contain every word, and return the exit status."""
    parser = argparse.ArgumentParser(
        "python -m tests.guard_drill", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("words", nargs="*", help="drill only the guards whose names contain all of these")
    parser.add_argument("--jobs", type=int, default=1, help="how many guards are drilled at the same time")
    options = parser.parse_args(arguments)
    words: list[str] = options.words
    guards = [guard for guard in GUARDS if all(word in guard.name for word in words)]
    if not guards:
        say(f"No guard has a name with {' and '.join(map(repr, words))}; there are {len(GUARDS)} guards")
        return 2
    uncovered = []
    with ThreadPoolExecutor(options.jobs) as threads:
        drilled = zip(guards, threads.map(_timed, guards), strict=True)
        for number, (guard, (wrong, seconds)) in enumerate(drilled, start=1):
            if wrong is not None:
                uncovered.append(guard.name)
            say(f"[{number:>3}/{len(guards)}] {guard.name}: {wrong or 'covered'} ({seconds:.1f} s)")
    say(f"{len(guards) - len(uncovered)} guards are covered by tests, {len(uncovered)} are not")
    return 1 if uncovered else 0


def say(line: str) -> None:
    """Print a line and flush."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def drill(guard: Guard) -> str | None:
    """Remove one guard and run its tests; return None if a test failed, or else what is wrong."""
    with copied() as copy:
        file = copy / guard.file
        text = file.read_text(encoding="utf-8")
        if text.count(guard.guard) != 1:
            return f"its text occurs {text.count(guard.guard)} times in {guard.file} instead of once; update the guard"
        before = with_all_guards(tuple(guard.tests))
        if before is not Verdict.PASSED:
            return f"its tests do not pass with the guard: {before}"
        file.write_text(text.replace(guard.guard, guard.gone), encoding="utf-8")
        without = verdict(copy, guard.tests)
    if without is Verdict.FAILED:
        return None
    return "NOT COVERED: its tests pass without it" if without is Verdict.PASSED else without


@cache
def with_all_guards(tests: tuple[str, ...]) -> str:
    """Return the verdict of tests with all guards in place, cached for each set of tests."""
    with copied() as copy:
        return verdict(copy, tests)


@contextmanager
def copied() -> Iterator[Path]:
    """Copy the tree, with its compiled files, into a temporary folder that exists while the block runs."""
    with tempfile.TemporaryDirectory(prefix="luxewin-drill-") as folder:
        copy = Path(folder)
        for name in _COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("node_modules"))
            else:
                shutil.copy(source, copy / name)
        for linked in _LINKED:
            if (ROOT / linked).exists():
                (copy / linked).symlink_to(ROOT / linked)
        yield copy


def verdict(copy: Path, tests: Sequence[str]) -> str:
    """Run tests in a copy; return `passed`, `failed`, or why neither applies.

    Their temporary folders are in the copy as well, because a second pytest would revoke the access of the database's
    user to those of the first.
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
        return Verdict.FAILED
    if run.returncode == _ALL_PASSED and " passed" not in run.stdout:
        return f"the tests were skipped: {run.stdout.strip().splitlines()[-1]}"
    if run.returncode == _ALL_PASSED:
        return Verdict.PASSED
    return f"the tests could not run:\n{run.stdout[-2000:]}{run.stderr[-2000:]}"


def _timed(guard: Guard) -> tuple[str | None, float]:
    begun = time.monotonic()
    return drill(guard), time.monotonic() - begun


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("LUXEWIN_", "COV_", "PYTEST_"))}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
