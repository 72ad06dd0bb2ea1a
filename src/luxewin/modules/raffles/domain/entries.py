"""The entries of a raffle in memory: as compact as they can be, for there may be millions."""

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

from luxewin.modules.raffles.domain.bundles import COMMIT_BYTES

_ID_BYTES = 16


@dataclass(slots=True)
class Entries:
    """Valid tickets in order of number: what each commits to, and who holds it.

    A ticket's place in that order is its position.
    """

    numbers: "array[int]" = field(default_factory=lambda: array("q"))
    commits: bytearray = field(default_factory=bytearray)
    holders: bytearray = field(default_factory=bytearray)

    def __len__(self) -> int:
        return len(self.numbers)

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        """Yield number and commit."""
        commits = memoryview(self.commits)
        for position, number in enumerate(self.numbers):
            yield number, bytes(commits[position * COMMIT_BYTES : (position + 1) * COMMIT_BYTES])

    def extend(self, numbers: Iterable[int], *, commits: bytes, holders: bytes) -> None:
        """Add entries whose numbers follow."""
        self.numbers.extend(numbers)
        self.commits += commits
        self.holders += holders

    def holder_at(self, position: int) -> UUID:
        """Return who holds the entry at a position."""
        return UUID(bytes=bytes(self.holders[position * _ID_BYTES : (position + 1) * _ID_BYTES]))
