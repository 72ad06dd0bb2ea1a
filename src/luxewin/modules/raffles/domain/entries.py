"""The entries of a raffle in memory, stored compactly since there may be millions."""

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

from luxewin.modules.raffles.domain.bundles import COMMIT_BYTES

_ID_BYTES = 16


@dataclass(slots=True)
class Entries:
    """Valid tickets sorted by number: the commit and the holder of each.

    A ticket's index in that order is its position.
    """

    numbers: "array[int]" = field(default_factory=lambda: array("q"))
    commits: bytearray = field(default_factory=bytearray)
    holders: bytearray = field(default_factory=bytearray)

    def __len__(self) -> int:
        return len(self.numbers)

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        """Yield the number and the commit of each entry."""
        commits = memoryview(self.commits)
        for position, number in enumerate(self.numbers):
            yield number, bytes(commits[position * COMMIT_BYTES : (position + 1) * COMMIT_BYTES])

    def extend(self, numbers: Iterable[int], *, commits: bytes, holders: bytes) -> None:
        """Append entries with higher numbers; `commits` and `holders` are concatenated."""
        self.numbers.extend(numbers)
        self.commits += commits
        self.holders += holders

    def holder_at(self, position: int) -> UUID:
        """Return the id of the holder of the entry at a position."""
        return UUID(bytes=bytes(self.holders[position * _ID_BYTES : (position + 1) * _ID_BYTES]))
