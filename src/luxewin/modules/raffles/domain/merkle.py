"""Merkle trees of RFC 6962, section 2.1: any added, missing or moved entry changes the root."""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from uuid import UUID

from luxewin.modules.raffles.domain.encoding import u64be

EMPTY_ROOT = sha256(b"").digest()


def ticket_leaf(raffle_id: UUID, number: int, commit: bytes) -> bytes:
    """Return the leaf of one ticket."""
    return b"LW1/ticket" + raffle_id.bytes + u64be(number) + commit


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of a leaf; the prefix 0x00 separates it from the hashes of nodes."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node with these two children."""
    return sha256(b"\x01" + left + right).digest()


def root_of(leaf_hashes: Iterable[bytes]) -> bytes:
    """Return the root over the leaves in order, with memory logarithmic in their number.

    Complete subtrees are kept on a stack, one for each 1 in the binary form of the number of leaves so far. At the end
    they are joined from the right: the tree is split at the largest power of two below its size, as in RFC 6962.
    """
    subtrees: list[bytes] = []
    for count, leaf in enumerate(leaf_hashes, 1):
        subtree = leaf
        for _ in range(_trailing_zeros(count)):
            subtree = node_hash(subtrees.pop(), subtree)
        subtrees.append(subtree)
    if not subtrees:
        return EMPTY_ROOT
    root = subtrees.pop()
    while subtrees:
        root = node_hash(subtrees.pop(), root)
    return root


def root_of_entries(raffle_id: UUID, entries: Iterable[tuple[int, bytes]]) -> bytes:
    """Return the root over a raffle's entries (number and commit), sorted by number."""
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


def root_from_path(leaf: bytes, *, position: int, entries: int, path: Sequence[bytes]) -> bytes | None:
    """Return the root that follows from a leaf hash and its audit path; None if the path has the wrong length.

    Source: RFC 9162, section 2.1.3.2.
    """
    if not 0 <= position < entries:
        return None
    node, index, last = leaf, position, entries - 1
    for sibling in path:
        if last == 0:
            return None
        if index & 1 or index == last:
            node = node_hash(sibling, node)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        index, last = index >> 1, last >> 1
    return node if last == 0 else None


def _trailing_zeros(number: int) -> int:
    return (number & -number).bit_length() - 1


def _split(size: int) -> int:
    """Return the largest power of two below a size of at least two."""
    return 1 << ((size - 1).bit_length() - 1)
