"""A new cluster: prepared aside and renamed once it is whole, so that a kill leaves either none or a good one."""

import os
import shutil
import subprocess
from pathlib import Path

from luxewin.kit.database_address import DatabaseAddress
from luxewin.kit.startup import StartupError
from luxewin.runtime.postgres.configuration import INITIAL
from luxewin.runtime.postgres.installation import Account, Installation, last_line, locale_arguments
from luxewin.runtime.postgres.layout import Layout
from luxewin.runtime.postgres.locks import FolderLock

_ROOM_BYTES = 200 * 1024 * 1024
_NO_ROOM = "No space left on device"


def make_cluster(
    layout: Layout,
    installation: Installation,
    account: Account,
    *,
    version: int,
    administrator: DatabaseAddress,
    durable: bool,
    lock: FolderLock,
) -> None:
    """Make the cluster: UTF-8, checksums, passwords by SCRAM for everybody, the administrator's among them.

    Raises:
        StartupError: there is no room on the disk, or PostgreSQL says no.
    """
    _refuse_without_room(layout)
    password_file = layout.home / "password"
    _clear(layout.draft, password_file)
    try:
        _write(account, str(password_file), administrator.password)
        made = account.run(
            [
                installation.program("initdb"),
                f"--pgdata={layout.draft}",
                f"--username={administrator.user}",
                f"--pwfile={password_file}",
                "--auth=scram-sha-256",
                "--data-checksums",
                "--no-instructions",
                *locale_arguments(version),
                *([] if durable else ["--no-sync"]),
            ],
            pass_fds=(lock.descriptor,),
        )
        if made.returncode != 0:
            raise _refusal(layout, made)
        _write(account, str(layout.draft / "postgresql.conf"), INITIAL)
        layout.draft.rename(layout.cluster)
        _sync(layout)
    finally:
        _clear(layout.draft, password_file)


def refuse_other_version(layout: Layout, version: int) -> None:
    """Refuse files of another major version, which this server cannot read.

    Raises:
        StartupError: they are of another version.
    """
    found = (layout.cluster / "PG_VERSION").read_text(encoding="ascii").strip()
    if found != str(version):
        raise StartupError(
            f"The database in {layout.home} was made by PostgreSQL {found}, and this is {version}: "
            "back it up with the version that made it, and restore it into an empty LUXEWIN_DATA_DIR"
        )


def _clear(draft: Path, password_file: Path) -> None:
    password_file.unlink(missing_ok=True)
    shutil.rmtree(draft, ignore_errors=True)


def _refuse_without_room(layout: Layout) -> None:
    free_bytes = shutil.disk_usage(layout.home).free
    if free_bytes < _ROOM_BYTES:
        raise StartupError(
            f"The disk that holds {layout.home} has {free_bytes // 2**20} MB left, and a new database needs "
            f"{_ROOM_BYTES // 2**20} MB: free some space, or set LUXEWIN_DATA_DIR to a folder elsewhere"
        )


def _write(account: Account, path: str, text: str) -> None:
    """Append to a file as the account: root writes nothing where somebody else may have laid a link."""
    written = account.run(["/bin/sh", "-c", 'cat >> "$1"', "sh", path], given=text)
    if written.returncode != 0:
        raise StartupError(f"{path} cannot be written ({last_line(written.stderr)}): see to it, then start again")


def _refusal(layout: Layout, made: subprocess.CompletedProcess[str]) -> StartupError:
    if _NO_ROOM in made.stderr:
        return StartupError(f"The disk that holds {layout.home} is full: free some space, then start again")
    said = next((line for line in made.stderr.splitlines() if "error:" in line or "FATAL:" in line), None)
    return StartupError(
        f"The database cannot be created in {layout.home} ({said or last_line(made.stderr)}): "
        "set LUXEWIN_DATA_DIR to another folder, or LUXEWIN_DATABASE_URL to another PostgreSQL"
    )


def _sync(layout: Layout) -> None:
    descriptor = os.open(layout.home, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
