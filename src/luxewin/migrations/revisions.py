"""Revisions: the numbered files of migrations."""

from importlib.resources import files
from pathlib import Path

FIRST = "0001"


def versions_folder() -> Path:
    """Return the package's folder of revisions."""
    return Path(str(files("luxewin.migrations").joinpath("versions")))


def newest_revision(*more_versions: Path) -> str:
    """Return the newest revision, which is the highest number of a file."""
    folders = (versions_folder(), *more_versions)
    names = [path.name for folder in folders for path in folder.iterdir()]
    return max(name.partition("_")[0] for name in names if name[0].isdigit())
