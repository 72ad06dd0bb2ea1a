"""Merkle trees as RFC 6962, section 2.1, defines them: no entry can be added, left out or moved unseen."""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from uuid import UUID

from luxewin.modules.raffles.domain.encoding import u64be

EMPTY_ROOT = sha256(b"").digest()


def ticket_leaf(raffle_id: UUID, number: int, commit: bytes) -> bytes:
    """Return the leaf of one ticket."""
    return b"LW1/ticket" + raffle_id.bytes + u64be(number) + commit


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of a leaf; the prefix keeps it apart from every node's."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node over its two children."""
    return sha256(b"\x01" + left + right).digest()


def root_of(leaf_hashes: Iterable[bytes]) -> bytes:
    """Return the root over the leaves in order, in memory that grows with the logarithm of their number.

    Whole subtrees wait on a stack, one for each binary digit of the number of leaves seen; what waits at the end is
    joined from the right, which splits the tree at the largest power of two below its size, as the RFC demands.
    """
    waiting: list[bytes] = []
    for seen, hashed in enumerate(leaf_hashes, 1):
        for _ in range(_trailing_zeros(seen)):
            hashed = node_hash(waiting.pop(), hashed)  # noqa: PLW2901 - the leaf grows into the tree it completes
        waiting.append(hashed)
    if not waiting:
        return EMPTY_ROOT
    root = waiting.pop()
    while waiting:
        root = node_hash(waiting.pop(), root)
    return root


def root_of_entries(raffle_id: UUID, entries: Iterable[tuple[int, bytes]]) -> bytes:
    """Return the root over a raffle's entries: number and commit, in order of number."""
    return root_of(leaf_hash(ticket_leaf(raffle_id, number, commit)) for number, commit in entries)


def inclusion_path(leaf_hashes: Sequence[bytes], position: int) -> list[bytes]:
    """Return the audit path of the leaf at a position, from its sibling upwards (RFC 6962, section 2.1.1).

    Raises:
        IndexError: there is no such position.
    """
    if not 0 <= position < len(leaf_hashes):
        raise IndexError(position)
    path: list[bytes] = []
    start, end = 0, len(leaf_hashes)
    while end - start > 1:
        middle = start + _split(end - start)
        if position < middle:
            path.append(root_of(leaf_hashes[middle:end]))
            end = middle
        else:
            path.append(root_of(leaf_hashes[start:middle]))
            start = middle
    return path[::-1]


def root_from_path(hashed: bytes, *, position: int, entries: int, path: Sequence[bytes]) -> bytes | None:
    """Return the root that a leaf's path leads to; None where the path has not the length that the tree demands.

    Source: RFC 9162, section 2.1.3.2.
    """
    if not 0 <= position < entries:
        return None
    place, last = position, entries - 1
    for sibling in path:
        if last == 0:
            return None
        if place & 1 or place == last:
            hashed = node_hash(sibling, hashed)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            hashed = node_hash(hashed, sibling)
        place, last = place >> 1, last >> 1
    return hashed if last == 0 else None


def _trailing_zeros(number: int) -> int:
    return (number & -number).bit_length() - 1


def _split(size: int) -> int:
    """Return the largest power of two below a size of two or more."""
    return 1 << ((size - 1).bit_length() - 1)
