"""Drawing positions: each once and equally likely; awarding prizes in order, one per person if the rules say so."""

from collections import Counter
from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from luxewin.modules.raffles.domain.drawing import Blocks, positions
from luxewin.modules.raffles.domain.outcome import AwardRules, Outcome, SkipReason, Ticket, decide

SEEDS = st.binary(min_size=32, max_size=32)


@given(SEEDS, st.integers(0, 200))
def test_every_position_is_drawn_once(seed: bytes, entries: int) -> None:
    assert sorted(positions(Blocks.of(seed), entries=entries)) == list(range(entries))


@given(SEEDS, st.integers(1, 200), st.integers(1, 200))
def test_drawing_more_positions_does_not_change_the_first_ones(seed: bytes, entries: int, few: int) -> None:
    every = list(positions(Blocks.of(seed), entries=entries))
    assert list(islice(positions(Blocks.of(seed), entries=entries), few)) == every[:few]


def test_every_remainder_is_equally_likely_with_rejection_sampling() -> None:
    every_block = Blocks(lambda counter: counter, bits=8).uniforms()
    assert Counter(every_block(100) for _ in range(200)) == Counter(dict.fromkeys(range(100), 2))


def outcome(
    holders: list[int], *, prizes: int, reserves: int, one: bool, disqualified: dict[int, int] | None = None
) -> Outcome:
    """Decide a draw of the positions 0, 1, 2 …; the ticket n + 1 at position n belongs to `holders[n]`."""
    award_rules = AwardRules(
        prizes=prizes,
        reserves=reserves,
        one_prize_per_person=one,
        disqualified={number: (SkipReason.STAFF, approvals) for number, approvals in (disqualified or {}).items()},
    )
    return decide(
        iter(range(len(holders))), lambda position: Ticket(position + 1, b"", bytes([holders[position]])), award_rules
    )


@given(st.lists(st.integers(0, 6), max_size=30), st.integers(1, 5), st.integers(0, 5))
def test_nobody_is_drawn_twice_if_the_rules_allow_one_prize(holders: list[int], prizes: int, reserves: int) -> None:
    drawn = outcome(holders, prizes=prizes, reserves=reserves, one=True)
    awards = [*drawn.winners, *drawn.reserves]
    assert len({award.ticket.tag for award in awards}) == len(awards) == min(prizes + reserves, len(set(holders)))
    assert [award.prize for award in awards] == [*range(1, len(drawn.winners) + 1), *[None] * len(drawn.reserves)]
    assert len(drawn.positions) == len(awards) + len(drawn.skips)
    assert all(skip.earlier is not None and skip.earlier.tag == skip.ticket.tag for skip in drawn.skips)


def test_a_person_may_win_twice_if_the_rules_allow_it() -> None:
    drawn = outcome([1, 1, 1], prizes=2, reserves=0, one=False)
    assert [(award.prize, award.position) for award in drawn.winners] == [(1, 0), (2, 1)]


def test_prizes_beyond_the_last_entry_are_not_awarded() -> None:
    drawn = outcome([1], prizes=3, reserves=3, one=True)
    assert (len(drawn.winners), len(drawn.reserves), drawn.positions) == (1, 0, (0,))


def test_a_disqualified_entry_is_skipped_with_its_reason() -> None:
    drawn = outcome([1, 2], prizes=1, reserves=0, one=True, disqualified={1: 2})
    (skip,) = drawn.skips
    assert (skip.ticket.number, skip.reason, skip.approvals) == (1, SkipReason.STAFF, 2)
    assert [award.ticket.number for award in drawn.winners] == [2]
