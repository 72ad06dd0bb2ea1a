"""Every entry is as likely to win as any other, at every place: χ² over 100,000 draws, fixed by their seeds."""

from collections import Counter
from hashlib import sha256
from itertools import islice

from luxewin.modules.raffles.domain.drawing import Blocks, positions
from luxewin.modules.raffles.domain.encoding import u64be

DRAWS, ENTRIES, PLACES = 100_000, 13, 4
CRITICAL = 32.909
"""χ² with 12 degrees of freedom exceeds this once in a thousand fair experiments."""


def chi_squared(counts: Counter[int], expected: float) -> float:
    return sum((counts[position] - expected) ** 2 / expected for position in range(ENTRIES))


def test_each_place_is_won_by_each_entry_as_often() -> None:
    won: list[Counter[int]] = [Counter() for _ in range(PLACES)]
    for number in range(DRAWS):
        drawn = positions(Blocks.of(sha256(u64be(number)).digest()), entries=ENTRIES)
        for place, position in enumerate(islice(drawn, PLACES)):
            won[place][position] += 1
    assert [place for place in won if chi_squared(place, DRAWS / ENTRIES) > CRITICAL] == []


def test_taking_every_block_would_be_seen() -> None:
    biased = Counter(int.from_bytes(sha256(u64be(number)).digest()[:1], "big") % ENTRIES for number in range(DRAWS))
    assert chi_squared(biased, DRAWS / ENTRIES) > CRITICAL
