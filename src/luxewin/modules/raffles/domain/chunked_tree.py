"""A Merkle tree over a locked list that stores only its upper part, so that one entry is proved without reading all.

The list is divided into chunks of a power of two. Each full chunk is a full subtree, because a tree of RFC 6962 is
split at powers of two; so the tree over the chunks' roots, built by the same rule, has the same root as the list.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from luxewin.modules.raffles.domain.merkle import inclusion_path, leaf_hash, node_hash, root_of, ticket_leaf

CHUNK_SIZE = 1024
"""Entries in a chunk; a power of two."""

Chunk = Sequence[tuple[int, bytes]]
"""Consecutive entries: number and commit."""


@dataclass(slots=True)
class ChunkedTree:
    """The first number of each chunk, and the levels of the tree from the chunks' roots up to the root."""

    first_numbers: list[int] = field(default_factory=list)
    levels: list[list[bytes]] = field(default_factory=lambda: [[]])
    last_number: int = 0
    """The number of the last entry that was added."""

    def add(self, first: int, last: int, root: bytes) -> None:
        """Append the next chunk: the numbers of its first and last entry, and its root."""
        self.first_numbers.append(first)
        self.levels[0].append(root)
        self.last_number = last

    def close(self) -> bytes:
        """Compute the upper levels, and return the root; a node without a sibling is promoted unchanged."""
        level = self.levels[0]
        self.levels = [level]
        while len(level) > 1:
            pairs = (level[start : start + 2] for start in range(0, len(level), 2))
            level = [node_hash(*pair) if pair[1:] else pair[0] for pair in pairs]
            self.levels.append(level)
        return level[0]

    def chunk_of(self, number: int) -> int | None:
        """Return the index of the chunk that would hold a number; None if it is below the first number."""
        index = bisect_right(self.first_numbers, number) - 1
        return index if index >= 0 else None

    def path(self, raffle_id: UUID, index: int, chunk: Chunk, offset: int) -> list[bytes]:
        """Return the audit path of an entry, from its sibling upwards: the entry at `offset` of the chunk `index`."""
        path = inclusion_path(leaf_hashes(raffle_id, chunk), offset)
        for level in self.levels[:-1]:
            sibling = index ^ 1
            if sibling < len(level):
                path.append(level[sibling])
            index //= 2
        return path


def chunk_roots(raffle_id: UUID, entries: Chunk) -> list[tuple[int, int, bytes]]:
    """Divide entries into chunks, and return each one's first number, last number and root."""
    chunks = (entries[start : start + CHUNK_SIZE] for start in range(0, len(entries), CHUNK_SIZE))
    return [(chunk[0][0], chunk[-1][0], root_of(leaf_hashes(raffle_id, chunk))) for chunk in chunks]


def leaf_hashes(raffle_id: UUID, chunk: Chunk) -> list[bytes]:
    """Return the leaf hashes of entries."""
    return [leaf_hash(ticket_leaf(raffle_id, number, commit)) for number, commit in chunk]
