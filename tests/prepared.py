"""A data folder as the first start fills it, created once in a run of tests and copied for each program.

Filling takes many times as long as copying. A test of the first start uses `Program.with_empty_folder`.
"""

import asyncio
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from luxewin.cli.starting import prepare
from luxewin.configuration import SETTINGS_EXTENSIONS
from luxewin.runtime.installation import Installation

_RUN_VARIABLE = "TEST_RUN_FOLDER"
_FOLDERS = Path("/tmp")  # noqa: S108 - short enough for a socket, and every user can pass through it


def begin_run() -> Path:
    """Create the folder that all processes of a run share, and set the environment variable that names it."""
    folder = Path(tempfile.mkdtemp(prefix="luxewin-run-", dir=_FOLDERS))
    folder.chmod(0o711)
    os.environ[_RUN_VARIABLE] = str(folder)
    return folder


def end_run(folder: Path) -> None:
    """Remove the folder of the run."""
    shutil.rmtree(folder)


def fill_data_folder(folder: Path, environment: Mapping[str, str]) -> None:
    """Fill a program's data folder as its first start would; do nothing outside a run of tests.

    The first caller creates the folder that is copied; concurrent callers wait for it.
    """
    if _RUN_VARIABLE not in os.environ:
        return
    run = Path(os.environ[_RUN_VARIABLE])
    filled = run / "data"
    with (run / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not filled.exists():
            incomplete = run / "incomplete"
            environment = {**environment, "LUXEWIN_DATA_DIR": str(incomplete)}
            subprocess.run([sys.executable, "-m", __name__], env=environment, check=True, stdout=subprocess.DEVNULL)
            incomplete.rename(filled)
    subprocess.run(["cp", "--archive", f"{filled}/.", str(folder)], check=True)


async def _fill() -> None:
    async with prepare(Installation.find(os.environ, SETTINGS_EXTENSIONS)):
        pass


if __name__ == "__main__":
    asyncio.run(_fill())
