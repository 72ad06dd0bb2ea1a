"""The checklist of the security document: every requirement once, and every test that it names exists."""

import re
from collections import Counter

import pytest

from tests.architecture.tree import ROOT

_ROW = re.compile(
    r"^\| (?P<id>\d+\.\d+\.\d+) \| (?P<state>[^|]+) \| (?P<how>[^|]+) \| (?P<tests>[^|]*) \|$", re.MULTILINE
)
_ROWS = [row.groupdict() for row in _ROW.finditer((ROOT / "docs/security.md").read_text(encoding="utf-8"))]
_TESTS = {
    name
    for path in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"^(?:async )?def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
}
# Requirements of levels 1 and 2 in each chapter of ASVS 5.0.0.
_REQUIREMENTS = {
    1: 27,
    2: 11,
    3: 19,
    4: 10,
    5: 9,
    6: 35,
    7: 18,
    8: 7,
    9: 7,
    10: 29,
    11: 14,
    12: 9,
    13: 13,
    14: 9,
    15: 13,
    16: 16,
    17: 7,
}


def test_the_checklist_has_every_requirement_once() -> None:
    assert [row["id"] for row in _ROWS if Counter(each["id"] for each in _ROWS)[row["id"]] > 1] == []
    assert Counter(int(row["id"].partition(".")[0]) for row in _ROWS) == _REQUIREMENTS


@pytest.mark.parametrize("row", _ROWS, ids=lambda row: row["id"])
def test_a_requirement_that_is_met_names_existing_tests(row: dict[str, str]) -> None:
    named = re.findall(r"`(test_\w+)`", row["tests"])
    assert row["state"] in {"met", "in part", "not met", "—"}
    assert named or row["state"] in {"not met", "—"}
    assert [name for name in named if name not in _TESTS] == []
