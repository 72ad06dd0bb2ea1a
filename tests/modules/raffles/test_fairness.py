"""Every entry is equally likely at every rank: a χ² test over 100,000 draws with fixed seeds."""

from collections import Counter
from hashlib import sha256
from itertools import islice

from luxewin.modules.raffles.domain.drawing import Blocks, positions
from luxewin.modules.raffles.domain.encoding import u64be

DRAWS, ENTRIES, RANKS = 100_000, 13, 4
CRITICAL = 32.909
"""χ² with 12 degrees of freedom exceeds this with a probability of 0.001."""


def chi_squared(counts: Counter[int], expected: float) -> float:
    return sum((counts[position] - expected) ** 2 / expected for position in range(ENTRIES))


def test_each_entry_is_drawn_equally_often_at_each_rank() -> None:
    won: list[Counter[int]] = [Counter() for _ in range(RANKS)]
    for number in range(DRAWS):
        drawn = positions(Blocks.of(sha256(u64be(number)).digest()), entries=ENTRIES)
        for rank, position in enumerate(islice(drawn, RANKS)):
            won[rank][position] += 1
    assert [counts for counts in won if chi_squared(counts, DRAWS / ENTRIES) > CRITICAL] == []


def test_the_test_detects_a_draw_without_rejection_sampling() -> None:
    biased = Counter(int.from_bytes(sha256(u64be(number)).digest()[:1], "big") % ENTRIES for number in range(DRAWS))
    assert chi_squared(biased, DRAWS / ENTRIES) > CRITICAL
