"""The guard drill: a guard without coverage, and tests that show nothing, are found."""

from pathlib import Path

import pytest

from tests import guard_drill
from tests.drill.guards import GUARDS, Guard

KEPT = "def test_it():\n    from room import open_to\n    assert not open_to('a stranger')\n"
IDLE = "def test_it():\n    pass\n"
RED = "def test_it():\n    raise AssertionError\n"
SKIPPED = "import pytest\n@pytest.mark.skip\n" + KEPT
BROKEN = "import there_is_no_such_module\n"
ENDLESS = (
    "import time\ndef test_it():\n    from room import open_to\n    while open_to('a stranger'): time.sleep(0.1)\n"
)


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program with one guard."""
    for folder in ("docs", "src", "tests", "verify"):
        (tmp_path / folder).mkdir()
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'room'\nversion = '1'\n")
    (tmp_path / "src" / "room.py").write_text("def open_to(who):\n    return who == 'a friend'\n")
    monkeypatch.setattr(guard_drill, "ROOT", tmp_path)
    guard_drill.with_all_guards.cache_clear()
    return tmp_path


def drill(tree: Path, test: str, *, guard: str = "who == 'a friend'") -> str | None:
    (tree / "tests" / "test_room.py").write_text(test)
    return guard_drill.drill(
        Guard(name="friends", file="src/room.py", guard=guard, gone="True", tests=["tests/test_room.py"])
    )


@pytest.mark.parametrize(
    ("test", "reported"),
    [
        (KEPT, None),
        (IDLE, "NOT COVERED: its tests pass without it"),
        (RED, "do not pass with the guard: failed"),
        (BROKEN, "could not run"),
        (SKIPPED, "were skipped"),
    ],
    ids=["kept", "idle", "red", "broken", "skipped"],
)
def test_a_guard_counts_as_covered_only_if_its_tests_passed_before(tree: Path, test: str, reported: str | None) -> None:
    found = drill(tree, test)
    assert found == reported if reported is None or found is None else reported in found


def test_tests_that_do_not_end_are_reported(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard_drill, "_LONGEST_RUN_SECONDS", 15)
    found = drill(tree, ENDLESS)
    assert found is not None
    assert "did not end" in found


def test_a_guard_that_moved_is_reported(tree: Path) -> None:
    found = drill(tree, KEPT, guard="who in friends")
    assert found is not None
    assert "occurs 0 times" in found


def test_an_unknown_name_of_a_guard_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    assert guard_drill.main(["there is no such guard"]) == 2
    assert "'there is no such guard'" in capsys.readouterr().out


def test_the_usage_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        guard_drill.main(["--help"])
    assert ended.value.code == 0
    assert "remove each guard" in capsys.readouterr().out


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_each_guard_occurs_once_in_its_file_and_its_tests_exist(guard: Guard) -> None:
    assert (guard_drill.ROOT / guard.file).read_text().count(guard.guard) == 1
    for named in guard.tests:
        path, *names = named.partition("[")[0].split("::")
        source = (guard_drill.ROOT / path).read_text()
        assert all(f"def {name}(" in source or f"class {name}" in source for name in names), named
