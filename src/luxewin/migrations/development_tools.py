"""Tools that are installed for development only, such as Squawk and Ruff."""

import shutil
import sys
from pathlib import Path

from luxewin.kit.startup import StartupError


def find_tool(name: str) -> str:
    """Return the path of a tool, next to this Python or on the PATH.

    Raises:
        StartupError: it is not installed.
    """
    installed = Path(sys.executable).with_name(name)
    program = str(installed) if installed.exists() else shutil.which(name)
    if program is None:
        raise StartupError(f"The development tool {name} is not installed: run `make check` once")
    return program
