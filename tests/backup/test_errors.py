"""What a restore refuses, and what a kill leaves: nothing that starts half-made, and a second restore that ends it."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from luxewin.runtime.backup.archive import DUMP, Archive
from luxewin.runtime.postgres.layout import Layout
from tests.backup.conftest import error
from tests.program import Program


def test_a_running_installation_is_not_restored_over(program: Program, archive: Path) -> None:
    assert "Another LuxeWin is running in" in error(program, "restore", str(archive))


def test_an_existing_installation_is_not_restored_over(
    program: Program, place: Callable[..., Program], archive: Path
) -> None:
    taken = place(key_of=program)
    (taken.folder / "postgres" / "data").mkdir(parents=True)
    assert "There already is a database in" in error(taken, "restore", str(archive))


def test_an_archive_is_checked_before_it_is_restored(
    program: Program, place: Callable[..., Program], archive: Path, tmp_path: Path
) -> None:
    whole = archive.read_bytes()
    dump = b"".join(Archive.open(archive).chunks(DUMP))
    middle = whole.index(dump) + len(dump) // 2
    altered = tmp_path / "altered.zip"
    altered.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
    fresh = place(key_of=program)
    for arguments in (("backup", "--verify"), ("restore",), ("restore", "--drill")):
        assert f"is damaged or was altered ({DUMP})" in error(fresh, *arguments, str(altered))
    assert {path.name for path in fresh.folder.iterdir()} <= {"secrets", "run"}
    good = fresh.command("backup", "--verify", str(archive))
    assert "is complete; its seal is valid" in good.stdout, good.stdout + good.stderr


def test_without_its_master_key_an_archive_is_not_restored(place: Callable[..., Program], archive: Path) -> None:
    stranger = place()
    assert "is missing: give it in LUXEWIN_MASTER_KEY" in error(stranger, "restore", str(archive))
    assert list(stranger.folder.iterdir()) == []


def test_without_an_installation_a_backup_is_refused(place: Callable[..., Program], tmp_path: Path) -> None:
    assert "There is no installation here" in error(place(), "backup", str(tmp_path))


@pytest.mark.parametrize("reached", ["restoring", "restoring/postgres/data"])
def test_a_killed_restore_is_detected_and_can_be_repeated(
    program: Program, place: Callable[..., Program], archive: Path, reached: str
) -> None:
    killed = place(key_of=program)
    killed_when(killed, archive, reached)
    assert "was interrupted: run `luxewin restore` again" in error(killed, "start")
    done = killed.command("restore", str(archive))
    assert done.returncode == 0, done.stdout + done.stderr
    assert not (killed.folder / "restoring").exists()
    assert Layout.of(killed.folder).cluster.exists()


KILLED = """
import os, pathlib, signal, sys
reached = pathlib.Path(sys.argv.pop())

def die_when_reached(event, arguments):
    if event != "os.kill" and reached.exists():
        os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(die_when_reached)
from luxewin.cli import main
main()
"""
"""The command, killed by the first thing that it does once a path exists."""


def killed_when(program: Program, archive: Path, reached: str) -> None:
    path = program.folder / reached
    command = [sys.executable, "-c", KILLED, "restore", str(archive), str(path)]
    died = subprocess.run(command, env=program.environment, capture_output=True, check=False, timeout=120)
    assert died.returncode == -9, died.stdout + died.stderr
    assert path.exists()
