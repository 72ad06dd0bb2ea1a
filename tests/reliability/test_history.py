"""The checker of histories finds each thing that it looks for, and nothing else."""

import pytest

from tests.reliability.history import IN_FLIGHT, History, Outcome, Stored


@pytest.fixture
def history() -> History:
    """One order of each outcome."""
    history = History("order")
    for tag in ("told", "refused", "unknown"):
        history.sent(tag)
    history.acknowledged("told", "order 1, 10.00")
    history.refused("refused", "inventory.sold_out")
    return history


TOLD, UNKNOWN = Stored("told", "order 1, 10.00"), Stored("unknown", "order 2, 10.00")


@pytest.mark.parametrize("stored", [[TOLD], [TOLD, UNKNOWN]])
def test_what_was_acknowledged_must_be_there_and_what_is_unknown_may_be(history: History, stored: list[Stored]) -> None:
    assert history.faults(stored) == []


@pytest.mark.parametrize(
    ("stored", "fault"),
    [
        ([], "told: lost"),
        ([UNKNOWN], "told: lost"),
        ([TOLD, TOLD], "told: stored 2 times"),
        ([TOLD, UNKNOWN, UNKNOWN], "unknown: stored 2 times"),
        ([TOLD, Stored("refused", "order 3")], "refused: stored, though it was refused (inventory.sold_out)"),
        ([TOLD, Stored("made up", "order 4")], "made up: stored, though nobody asked for it"),
        ([Stored("told", "order 1, 11.00")], "told: stored as order 1, 11.00, acknowledged as order 1, 10.00"),
    ],
)
def test_what_is_lost_doubled_refused_made_up_or_changed_is_found(
    history: History, stored: list[Stored], fault: str
) -> None:
    (found,) = history.faults(stored)
    assert found.startswith(f"order {fault}")


def test_two_different_acknowledgements_of_one_request_are_found(history: History) -> None:
    history.acknowledged("told", "order 5, 10.00")
    (found,) = history.faults([TOLD])
    assert "acknowledged differently" in found


@pytest.mark.parametrize(
    ("status", "code", "outcome"),
    [
        (409, "inventory.sold_out", Outcome.REFUSED),
        (409, IN_FLIGHT, Outcome.INDETERMINATE),
        (429, "request.too_many", Outcome.INDETERMINATE),
        (500, "service.failed", Outcome.INDETERMINATE),
        (503, "service.unavailable", Outcome.INDETERMINATE),
    ],
)
def test_an_answer_counts_as_no_more_than_it_says(status: int, code: str, outcome: Outcome) -> None:
    history = History("order")
    history.sent("one")
    assert history.told("one", status, code=code, fact=None) is outcome


def test_an_acknowledgement_outweighs_every_earlier_answer() -> None:
    history = History("order")
    history.sent("one")
    history.told("one", 503, code="service.unavailable", fact=None)
    assert history.told("one", 201, code=None, fact="order 1") is Outcome.ACKNOWLEDGED
    assert history.counts() == {Outcome.ACKNOWLEDGED: 1}
