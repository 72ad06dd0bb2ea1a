"""The data of a guard."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """A source text that enforces a guarantee, its replacement without the guard, and the tests that cover it."""

    name: str
    file: str
    guard: str
    gone: str
    tests: Sequence[str]
