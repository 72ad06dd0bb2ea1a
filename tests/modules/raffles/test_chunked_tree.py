"""A chunked tree gives the same root and the same audit paths as the complete tree."""

from hashlib import sha256
from uuid import UUID

import pytest

from luxewin.modules.raffles.domain.chunked_tree import CHUNK_SIZE, ChunkedTree, chunk_roots, leaf_hashes
from luxewin.modules.raffles.domain.merkle import inclusion_path, root_of

RAFFLE = UUID("0199a1b2-7c00-7000-8000-000000000031")


def entries(count: int) -> list[tuple[int, bytes]]:
    """Return entries without every third number, like a list with voided tickets."""
    numbers = [number for number in range(1, 2 * count + 2) if number % 3][:count]
    return [(number, sha256(str(number).encode()).digest()) for number in numbers]


def tree_of(entries: list[tuple[int, bytes]]) -> ChunkedTree:
    tree = ChunkedTree()
    for first, last, root in chunk_roots(RAFFLE, entries):
        tree.add(first, last, root)
    return tree


@pytest.mark.parametrize(
    "count",
    [
        1,
        2,
        CHUNK_SIZE - 1,
        CHUNK_SIZE,
        CHUNK_SIZE + 1,
        2 * CHUNK_SIZE,
        3 * CHUNK_SIZE + 7,
        5 * CHUNK_SIZE,
        6 * CHUNK_SIZE + 1,
    ],
)
def test_every_path_is_that_of_the_complete_tree(count: int) -> None:
    listed = entries(count)
    hashes = leaf_hashes(RAFFLE, listed)
    tree = tree_of(listed)
    assert tree.close() == root_of(hashes)
    assert tree.last_number == listed[-1][0]
    for position in {0, 1, CHUNK_SIZE - 1, CHUNK_SIZE, count // 2, count - CHUNK_SIZE, count - 2, count - 1} & set(
        range(count)
    ):
        number = listed[position][0]
        index = tree.chunk_of(number)
        assert index == position // CHUNK_SIZE
        chunk = listed[index * CHUNK_SIZE : (index + 1) * CHUNK_SIZE]
        assert tree.path(RAFFLE, index, chunk, position % CHUNK_SIZE) == inclusion_path(hashes, position)


def test_a_number_below_the_first_is_in_no_chunk() -> None:
    tree = tree_of([(5, bytes(32))])
    assert tree.chunk_of(4) is None
    assert tree.chunk_of(5) == 0
