"""What a guard is to the drill."""

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
