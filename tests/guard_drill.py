"""The guard drill: take each guard away, one at a time, and demand that a test notices.

    python -m tests.guard_drill            every guard
    python -m tests.guard_drill stock      the guards whose name holds the word

A guard is taken away in a copy of the tree. The tests named with it run there and must fail; a drill in which they stay
green, or cannot run at all, shows a guard that nobody would miss.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.drill.guards import GUARDS, Guard

ROOT = Path(__file__).resolve().parent.parent
_COPIED = ("src", "tests", "pyproject.toml")
_SOME_TEST_FAILED = 1
_LONGEST_DRILL_SECONDS = 300


def main(words: list[str]) -> int:
    """Drill the guards whose names hold every word; return how many were not missed."""
    guards = [guard for guard in GUARDS if all(word in guard.name for word in words)]
    unmissed = []
    for number, guard in enumerate(guards, start=1):
        begun = time.monotonic()
        verdict = drill(guard)
        if verdict is not None:
            unmissed.append(guard.name)
        outcome = verdict or "missed, as it must be"
        say(f"[{number:>2}/{len(guards)}] {guard.name}: {outcome} ({time.monotonic() - begun:.1f} s)")
    say(f"{len(guards) - len(unmissed)} guards are watched, {len(unmissed)} are not")
    return len(unmissed)


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def drill(guard: Guard) -> str | None:
    """Take one guard away and run its tests; return what is wrong, or None when a test went red."""
    with tempfile.TemporaryDirectory(prefix="luxewin-drill-") as folder:
        copy = Path(folder)
        for name in _COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, copy / name)
        file = copy / guard.file
        text = file.read_text(encoding="utf-8")
        if text.count(guard.guard) != 1:
            return (
                f"its text stands {text.count(guard.guard)} times in {guard.file}; the drill must be brought up to date"
            )
        file.write_text(text.replace(guard.guard, guard.gone), encoding="utf-8")
        run = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-x", "--no-header", "-p", "no:cacheprovider", *guard.tests],
            cwd=copy,
            env={**_environment(), "PYTHONPATH": str(copy / "src")},
            capture_output=True,
            text=True,
            check=False,
            timeout=_LONGEST_DRILL_SECONDS,
        )
    if run.returncode == _SOME_TEST_FAILED and " failed" in run.stdout:
        return None
    if run.returncode == 0:
        return "NOBODY MISSED IT"
    return f"the tests could not run:\n{run.stdout[-2000:]}{run.stderr[-2000:]}"


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("LUXEWIN_", "COV_", "PYTEST_"))}


if __name__ == "__main__":
    sys.exit(1 if main(sys.argv[1:]) else 0)
