"""The announcement of a running program to other commands."""

from pathlib import Path

from luxewin.runtime.running_program import RunningProgram, announce, find_running

PROGRAM = RunningProgram(pid=7, address="http://127.0.0.1:8000", port=8000, processes=2, version="0.1.0")
OTHER = RunningProgram(pid=8, address="http://127.0.0.1:8001", port=8001, processes=1, version="0.1.0")


def test_a_program_is_found_while_it_runs(tmp_path: Path) -> None:
    assert find_running(tmp_path) is None
    with announce(tmp_path, PROGRAM):
        assert find_running(tmp_path) == PROGRAM
    assert find_running(tmp_path) is None


def test_a_second_program_does_not_replace_the_first(tmp_path: Path) -> None:
    with announce(tmp_path, PROGRAM), announce(tmp_path, OTHER):
        assert find_running(tmp_path) == PROGRAM


def test_the_file_of_a_killed_program_announces_nothing(tmp_path: Path) -> None:
    with announce(tmp_path, PROGRAM):
        left_behind = (tmp_path / "run" / "program.json").read_bytes()
    (tmp_path / "run" / "program.json").write_bytes(left_behind)
    assert find_running(tmp_path) is None


def test_nothing_is_created_by_looking(tmp_path: Path) -> None:
    assert find_running(tmp_path / "nothing") is None
    assert not (tmp_path / "nothing").exists()
