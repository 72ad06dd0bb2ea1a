"""Drawing positions: each once, each as likely, and prizes in order with one for each person where the rules say so."""

from collections import Counter
from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from luxewin.modules.raffles.domain.drawing import Blocks, positions
from luxewin.modules.raffles.domain.outcome import Awarding, Outcome, SkipReason, Ticket, decide

SEEDS = st.binary(min_size=32, max_size=32)


@given(SEEDS, st.integers(0, 200))
def test_every_position_is_drawn_once(seed: bytes, entries: int) -> None:
    assert sorted(positions(Blocks.of(seed), entries=entries)) == list(range(entries))


@given(SEEDS, st.integers(1, 200), st.integers(1, 200))
def test_drawing_more_changes_nothing_of_what_was_drawn(seed: bytes, entries: int, few: int) -> None:
    whole = list(positions(Blocks.of(seed), entries=entries))
    assert list(islice(positions(Blocks.of(seed), entries=entries), few)) == whole[:few]


def test_every_remainder_is_as_likely_once_the_incomplete_multiple_is_rejected() -> None:
    every_block = Blocks(lambda counter: counter, bits=8).uniforms()
    assert Counter(every_block(100) for _ in range(200)) == Counter(dict.fromkeys(range(100), 2))


def outcome(
    holders: list[int], *, prizes: int, reserves: int, one: bool, refused: dict[int, int] | None = None
) -> Outcome:
    """Decide a draw in which the positions come out in order; ticket n + 1 at position n is its holder's."""
    awarding = Awarding(
        prizes=prizes,
        reserves=reserves,
        one_prize_per_person=one,
        refused={number: (SkipReason.STAFF, approvals) for number, approvals in (refused or {}).items()},
    )
    return decide(
        iter(range(len(holders))), lambda position: Ticket(position + 1, b"", bytes([holders[position]])), awarding
    )


@given(st.lists(st.integers(0, 6), max_size=30), st.integers(1, 5), st.integers(0, 5))
def test_nobody_holds_two_places_where_the_rules_give_one(holders: list[int], prizes: int, reserves: int) -> None:
    drawn = outcome(holders, prizes=prizes, reserves=reserves, one=True)
    places = [*drawn.winners, *drawn.reserves]
    assert len({place.ticket.tag for place in places}) == len(places) == min(prizes + reserves, len(set(holders)))
    assert [place.prize for place in places] == [*range(1, len(drawn.winners) + 1), *[None] * len(drawn.reserves)]
    assert len(drawn.positions) == len(places) + len(drawn.skips)
    assert all(skip.holding is not None and skip.holding.tag == skip.ticket.tag for skip in drawn.skips)


def test_a_person_may_win_twice_where_the_rules_allow_it() -> None:
    drawn = outcome([1, 1, 1], prizes=2, reserves=0, one=False)
    assert [(place.prize, place.position) for place in drawn.winners] == [(1, 0), (2, 1)]


def test_prizes_beyond_the_last_entry_are_not_awarded() -> None:
    drawn = outcome([1], prizes=3, reserves=3, one=True)
    assert (len(drawn.winners), len(drawn.reserves), drawn.positions) == (1, 0, (0,))


def test_an_entry_refused_by_two_people_is_passed_over_with_its_reason() -> None:
    drawn = outcome([1, 2], prizes=1, reserves=0, one=True, refused={1: 2})
    (skip,) = drawn.skips
    assert (skip.ticket.number, skip.reason, skip.approvals) == (1, SkipReason.STAFF, 2)
    assert [place.ticket.number for place in drawn.winners] == [2]
