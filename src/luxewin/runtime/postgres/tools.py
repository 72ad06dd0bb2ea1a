"""PostgreSQL's backup tools, in a version that is compatible with the server."""

import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from luxewin.kit.startup import StartupError
from luxewin.runtime.postgres.installation import ENVIRONMENT, Installation

_USUAL_FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")
_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")


@dataclass(frozen=True, slots=True)
class Tools:
    """pg_dump, pg_restore and psql of one version."""

    installation: Installation
    version: int

    @classmethod
    def at_least(cls, version: int, *, folders: Iterable[Path] | None = None) -> Self:
        """Return the tools of the lowest version that is not older than the server, as pg_dump requires.

        Raises:
            StartupError: they are not installed.
        """
        found = sorted(_find_tools(_folders() if folders is None else folders), key=lambda tools: tools[1])
        for programs, its_version in found:
            if its_version >= version:
                return cls(Installation(programs), its_version)
        newest = f"the newest here has version {found[-1][1]}" if found else "none is installed"
        raise StartupError(
            f"A database of PostgreSQL {version} needs a pg_dump of that version or later, and {newest}: "
            f"install postgresql-client-{version}, or put it on the PATH"
        )

    def start(
        self,
        name: str,
        *arguments: str,
        address: Mapping[str, str] | None = None,
        stdin: int = subprocess.DEVNULL,
        stdout: int = subprocess.DEVNULL,
        stderr: int,
    ) -> "subprocess.Popen[bytes]":
        """Start a tool; `address` holds the environment variables of its database."""
        return subprocess.Popen(  # noqa: S603 - PostgreSQL's own programs
            [self.installation.program(name), *arguments],
            env={**ENVIRONMENT, **(address or {})},
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
        )


def _folders() -> Iterator[Path]:
    with suppress(StartupError):
        yield Installation.embedded().programs
    for pattern in _USUAL_FOLDERS:
        yield from sorted(Path("/").glob(pattern.removeprefix("/")))
    yield from (Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder)


def _find_tools(folders: Iterable[Path]) -> Iterator[tuple[Path, int]]:
    for programs in folders:
        if not all((programs / name).exists() for name in ("pg_dump", "pg_restore", "psql")):
            continue
        result = subprocess.run(  # noqa: S603 - PostgreSQL's own program
            [programs / "pg_dump", "--version"], env=ENVIRONMENT, capture_output=True, text=True, check=False
        )
        version = _VERSION.search(result.stdout)
        if version is not None:
            yield programs, int(version[1])
