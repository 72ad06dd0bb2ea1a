"""The upper part of a locked list's tree, kept so that showing one entry does not take reading them all.

The list is cut into pieces of a power of two. Each whole piece is a whole subtree, since the tree of RFC 6962 is split
at powers of two; so the tree over the roots of the pieces, made by the same rule, has the same root as the list.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from luxewin.modules.raffles.domain.merkle import inclusion_path, leaf_hash, node_hash, root_of, ticket_leaf

PIECE = 1024
"""How many entries lie below one kept hash."""

Piece = Sequence[tuple[int, bytes]]
"""Entries one after the other: number and commit."""


@dataclass(slots=True)
class Branches:
    """What is kept of a list: where each piece begins, and the tree from the pieces' roots up to the root."""

    firsts: list[int] = field(default_factory=list)
    levels: list[list[bytes]] = field(default_factory=lambda: [[]])
    last: int = 0
    """The number of the last entry that was added."""

    def add(self, first: int, last: int, root: bytes) -> None:
        """Add the next piece: the numbers of its first and last entry, and its root."""
        self.firsts.append(first)
        self.levels[0].append(root)
        self.last = last

    def close(self) -> bytes:
        """Join the pieces' roots level by level, and return the root; one that has no sibling goes up as it is."""
        level = self.levels[0]
        self.levels = [level]
        while len(level) > 1:
            pairs = (level[at : at + 2] for at in range(0, len(level), 2))
            level = [node_hash(*pair) if pair[1:] else pair[0] for pair in pairs]
            self.levels.append(level)
        return level[0]

    def piece_of(self, number: int) -> int | None:
        """Return which piece an entry would lie in; None where the number lies before them all."""
        place = bisect_right(self.firsts, number) - 1
        return place if place >= 0 else None

    def path(self, raffle_id: UUID, place: int, piece: Piece, within: int) -> list[bytes]:
        """Return the path of an entry to the root: within its piece, and from there upwards."""
        path = inclusion_path(leaf_hashes(raffle_id, piece), within)
        for level in self.levels[:-1]:
            sibling = place ^ 1
            if sibling < len(level):
                path.append(level[sibling])
            place //= 2
        return path


def roots_of(raffle_id: UUID, entries: Piece) -> list[tuple[int, int, bytes]]:
    """Cut entries into pieces, and return of each the numbers of its first and last entry, and its root."""
    cut = (entries[at : at + PIECE] for at in range(0, len(entries), PIECE))
    return [(piece[0][0], piece[-1][0], root_of(leaf_hashes(raffle_id, piece))) for piece in cut]


def leaf_hashes(raffle_id: UUID, piece: Piece) -> list[bytes]:
    """Return the hashes of entries as leaves of the tree."""
    return [leaf_hash(ticket_leaf(raffle_id, number, commit)) for number, commit in piece]
