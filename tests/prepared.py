"""A data folder as the first start fills it, made once in a run of tests and copied by each program that it starts.

Filling takes many times as long as copying. A program that is to be seen at its very first start says so.
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

from luxewin.cli.starting import prepared
from luxewin.configuration import SETTINGS_EXTENSIONS
from luxewin.runtime.installation import Installation

_RUN_VARIABLE = "TEST_RUN_FOLDER"
_FOLDERS = Path("/tmp")  # noqa: S108 - short enough for a socket, and every user can pass through it


def begin_run() -> Path:
    """Make the folder of a run of tests, which all its processes share, and let them know of it."""
    folder = Path(tempfile.mkdtemp(prefix="luxewin-run-", dir=_FOLDERS))
    folder.chmod(0o711)
    os.environ[_RUN_VARIABLE] = str(folder)
    return folder


def end_run(folder: Path) -> None:
    """Remove it."""
    shutil.rmtree(folder)


def lay_out(folder: Path, environment: Mapping[str, str]) -> None:
    """Fill a program's data folder as its first start would; where no run of tests has begun, leave that to the start.

    The first who asks makes what everybody copies; whoever asks meanwhile waits.
    """
    if _RUN_VARIABLE not in os.environ:
        return
    run = Path(os.environ[_RUN_VARIABLE])
    filled = run / "data"
    with (run / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not filled.exists():
            making = run / "making"
            environment = {**environment, "LUXEWIN_DATA_DIR": str(making)}
            subprocess.run([sys.executable, "-m", __name__], env=environment, check=True, stdout=subprocess.DEVNULL)
            making.rename(filled)
    subprocess.run(["cp", "--archive", f"{filled}/.", str(folder)], check=True)


async def _fill() -> None:
    async with prepared(Installation.find(os.environ, SETTINGS_EXTENSIONS)):
        pass


if __name__ == "__main__":
    asyncio.run(_fill())
