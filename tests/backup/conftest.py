"""A shop with a program of its own that has sold something, an archive of it, and folders to restore into."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.program import Program
from tests.servers import TestServer, new_folder, start_debian, stop_orphan

PASSPHRASE = "a fine passphrase for the folder"
PICTURE = Path("media") / "chair.jpg"


def remove(folder: Path) -> None:
    """Remove a folder, ending the server that a killed program has left in it."""
    for place in (folder, folder / "restoring", folder / "drill"):
        if (place / "run").exists():
            stop_orphan(place)
    subprocess.run(["rm", "-rf", str(folder)], check=True)


@pytest.fixture(scope="module")
def program() -> Iterator[Program]:
    """The program with two API processes, and a picture beside its database."""
    with Program(processes=2) as running:
        (running.folder / PICTURE).parent.mkdir()
        (running.folder / PICTURE).write_bytes(b"\xff\xd8 not quite a picture")
        yield running
        proof = running.command("prove")
        assert proof.returncode == 0, proof.stdout + proof.stderr


@pytest.fixture(scope="module")
def passphrase_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a passphrase."""
    file = tmp_path_factory.mktemp("passphrase") / "passphrase"
    file.write_text(f"{PASSPHRASE}\n", encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def archive(program: Program, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of the program, without its master key."""
    return backed_up(program, tmp_path_factory.mktemp("folder"))


@pytest.fixture
def place() -> Iterator[Callable[..., Program]]:
    """Make programs that have not begun yet: each in an empty folder, with the master key of another where given."""
    folders: list[Path] = []

    def make(*, key_of: Program | None = None, **environment: str) -> Program:
        folder = new_folder()
        folders.append(folder)
        if key_of is not None:
            (folder / "secrets").mkdir(mode=0o700)
            shutil.copy2(key_of.folder / "secrets" / "master_key", folder / "secrets")
        return Program(processes=1, folder=folder, **environment)

    yield make
    for folder in folders:
        remove(folder)


@pytest.fixture(scope="module")
def debian() -> Iterator[TestServer]:
    """The oldest PostgreSQL that is supported, run by somebody else."""
    with start_debian() as server:
        yield server


def backed_up(program: Program, folder: Path, *options: str) -> Path:
    """Back up and return the archive."""
    done = program.command("backup", str(folder), *options)
    assert done.returncode == 0, done.stdout + done.stderr
    return max(folder.glob("luxewin-*.zip"))


def error(program: Program, *arguments: str) -> str:
    """Run a command that must refuse, and return its one line."""
    done = program.command(*arguments)
    assert done.returncode == 1, done.stdout + done.stderr
    lines = [line for line in done.stderr.strip().splitlines() if line.startswith("luxewin: ")]
    assert len(lines) == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return lines[0]
