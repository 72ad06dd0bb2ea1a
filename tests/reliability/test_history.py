"""The checker of histories reports each kind of contradiction, and nothing else."""

import pytest

from tests.reliability.history import IN_FLIGHT, History, Outcome, Stored


@pytest.fixture
def history() -> History:
    """A history with one order of each outcome."""
    history = History("order")
    for tag in ("acknowledged", "rejected", "unknown"):
        history.sent(tag)
    history.acknowledged("acknowledged", "order 1, 10.00")
    history.rejected("rejected", "inventory.sold_out")
    return history


ACKNOWLEDGED, UNKNOWN = Stored("acknowledged", "order 1, 10.00"), Stored("unknown", "order 2, 10.00")


@pytest.mark.parametrize("stored", [[ACKNOWLEDGED], [ACKNOWLEDGED, UNKNOWN]])
def test_an_acknowledged_request_must_be_stored_and_an_indeterminate_one_may_be(
    history: History, stored: list[Stored]
) -> None:
    assert history.anomalies(stored) == []


@pytest.mark.parametrize(
    ("stored", "anomaly"),
    [
        ([], "acknowledged: lost"),
        ([UNKNOWN], "acknowledged: lost"),
        ([ACKNOWLEDGED, ACKNOWLEDGED], "acknowledged: stored 2 times"),
        ([ACKNOWLEDGED, UNKNOWN, UNKNOWN], "unknown: stored 2 times"),
        ([ACKNOWLEDGED, Stored("rejected", "order 3")], "rejected: stored, but it was rejected (inventory.sold_out)"),
        ([ACKNOWLEDGED, Stored("invented", "order 4")], "invented: stored, but never requested"),
        (
            [Stored("acknowledged", "order 1, 11.00")],
            "acknowledged: stored as order 1, 11.00, acknowledged as order 1, 10.00",
        ),
    ],
)
def test_a_lost_duplicate_rejected_invented_or_changed_row_is_reported(
    history: History, stored: list[Stored], anomaly: str
) -> None:
    (found,) = history.anomalies(stored)
    assert found.startswith(f"order {anomaly}")


def test_two_different_acknowledgements_of_one_request_are_reported(history: History) -> None:
    history.acknowledged("acknowledged", "order 5, 10.00")
    (found,) = history.anomalies([ACKNOWLEDGED])
    assert "acknowledged differently" in found


@pytest.mark.parametrize(
    ("status", "code", "outcome"),
    [
        (409, "inventory.sold_out", Outcome.REJECTED),
        (409, IN_FLIGHT, Outcome.INDETERMINATE),
        (429, "request.too_many", Outcome.INDETERMINATE),
        (500, "service.failed", Outcome.INDETERMINATE),
        (503, "service.unavailable", Outcome.INDETERMINATE),
    ],
)
def test_only_a_conclusive_response_determines_the_outcome(status: int, code: str, outcome: Outcome) -> None:
    history = History("order")
    history.sent("one")
    assert history.record_response("one", status, code=code, effect=None) is outcome


def test_an_acknowledgement_overrides_earlier_inconclusive_responses() -> None:
    history = History("order")
    history.sent("one")
    history.record_response("one", 503, code="service.unavailable", effect=None)
    assert history.record_response("one", 201, code=None, effect="order 1") is Outcome.ACKNOWLEDGED
    assert history.counts() == {Outcome.ACKNOWLEDGED: 1}
