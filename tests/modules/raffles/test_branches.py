"""The kept upper part of a tree gives the same root and the same paths as the whole tree."""

from hashlib import sha256
from uuid import UUID

import pytest

from luxewin.modules.raffles.domain.branches import PIECE, Branches, leaf_hashes, roots_of
from luxewin.modules.raffles.domain.merkle import inclusion_path, root_of

RAFFLE = UUID("0199a1b2-7c00-7000-8000-000000000031")


def entries(many: int) -> list[tuple[int, bytes]]:
    """Every third number is missing, as those that were given back are."""
    numbers = [number for number in range(1, 2 * many + 2) if number % 3][:many]
    return [(number, sha256(str(number).encode()).digest()) for number in numbers]


def branches_of(whole: list[tuple[int, bytes]]) -> Branches:
    branches = Branches()
    for first, last, root in roots_of(RAFFLE, whole):
        branches.add(first, last, root)
    return branches


@pytest.mark.parametrize(
    "many", [1, 2, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 3 * PIECE + 7, 5 * PIECE, 6 * PIECE + 1]
)
def test_every_path_is_that_of_the_whole_tree(many: int) -> None:
    whole = entries(many)
    hashes = leaf_hashes(RAFFLE, whole)
    branches = branches_of(whole)
    assert branches.close() == root_of(hashes)
    assert branches.last == whole[-1][0]
    for position in {0, 1, PIECE - 1, PIECE, many // 2, many - PIECE, many - 2, many - 1} & set(range(many)):
        number = whole[position][0]
        place = branches.piece_of(number)
        assert place == position // PIECE
        piece = whole[place * PIECE : (place + 1) * PIECE]
        assert branches.path(RAFFLE, place, piece, position % PIECE) == inclusion_path(hashes, position)


def test_a_number_before_the_first_lies_in_no_piece() -> None:
    branches = branches_of([(5, bytes(32))])
    assert branches.piece_of(4) is None
    assert branches.piece_of(5) == 0
