"""Every guard that the drill takes away, and the tests that must notice."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """A piece of text that keeps a promise, what stands there without it, and the tests that keep watch."""

    name: str
    file: str
    guard: str
    gone: str
    tests: Sequence[str]


GUARDS: Sequence[Guard] = (
    Guard(
        name="a write demands its rows",
        file="src/luxewin/kit/functions.sql",
        guard="IF demanded[place] >= 0 AND counted[place] <> demanded[place] THEN",
        gone="IF false THEN",
        tests=["tests/kit/test_writes.py"],
    ),
    Guard(
        name="row security is forced on tenant tables",
        file="src/luxewin/kit/schema.py",
        guard='f"ALTER TABLE {table.fullname} ENABLE ROW LEVEL SECURITY",',
        gone='f"ALTER TABLE {table.fullname} DISABLE ROW LEVEL SECURITY",',
        tests=["tests/kit/test_writes.py"],
    ),
)
