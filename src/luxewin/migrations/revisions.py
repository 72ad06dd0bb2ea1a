"""Revisions: the numbered files that lead from one schema to the next."""

from importlib.resources import files
from pathlib import Path

FIRST = "0001"


def versions_folder() -> Path:
    """Return the folder of the program's own revisions."""
    return Path(str(files("luxewin.migrations").joinpath("versions")))


def newest_revision(*more_versions: Path) -> str:
    """Return the newest revision: the highest number that a file begins with."""
    folders = (versions_folder(), *more_versions)
    names = [path.name for folder in folders for path in folder.iterdir()]
    return max(name.partition("_")[0] for name in names if name[0].isdigit())
