"""A dry run is recognised in every spelling of its preference, and nothing else is taken for one."""

import pytest

from luxewin.kit.errors import InvalidInput
from luxewin.kit.http.headers import read_headers
from luxewin.kit.http.preferences import asks_for_dry_run


@pytest.mark.parametrize(
    "prefer",
    [
        "dry-run", "Dry-Run", "DRY-RUN", "return=minimal, dry-run", "dry-run, wait=10", 'dry-run=""', "dry-run=true",
        "dry-run; foo=bar", " dry-run ",
    ],
)  # fmt: skip
def test_a_dry_run_is_recognised(prefer: str) -> None:
    assert asks_for_dry_run(prefer)


@pytest.mark.parametrize(
    "prefer", ["", "return=minimal", "dry-run=false", "no-dry-runs", 'handling="no-dry-run"', "x-dry-run", "dryrun"]
)
def test_another_preference_is_no_dry_run(prefer: str) -> None:
    assert not asks_for_dry_run(prefer)


def test_a_dry_run_with_an_unknown_value_is_refused() -> None:
    with pytest.raises(InvalidInput, match="takes no value, got 'maybe'"):
        asks_for_dry_run("dry-run=maybe")


@pytest.mark.parametrize("values", [("dry-run", "return=minimal"), ("return=minimal", "dry-run")])
def test_a_dry_run_is_recognised_in_any_of_several_headers(values: tuple[str, str]) -> None:
    headers = read_headers({"headers": [(b"prefer", value.encode()) for value in values]})
    assert asks_for_dry_run(headers["prefer"])
