"""Creation of a cluster: prepared in a draft folder and renamed when complete, so that an interruption leaves none."""

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

_NEEDED_BYTES = 200 * 1024 * 1024
_DISK_FULL = "No space left on device"


def create_cluster(
    layout: Layout,
    installation: Installation,
    account: Account,
    *,
    version: int,
    administrator: DatabaseAddress,
    durable: bool,
    lock: FolderLock,
) -> None:
    """Create the cluster with UTF-8, checksums, and SCRAM passwords for every connection.

    Raises:
        StartupError: the disk is full, or initdb failed.
    """
    _require_disk_space(layout)
    password_file = layout.home / "password"
    _clear(layout.draft, password_file)
    try:
        _append(account, str(password_file), administrator.password)
        initdb = account.run(
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
        if initdb.returncode != 0:
            raise _initdb_error(layout, initdb)
        _append(account, str(layout.draft / "postgresql.conf"), INITIAL)
        layout.draft.rename(layout.cluster)
        _sync(layout)
    finally:
        _clear(layout.draft, password_file)


def require_same_version(layout: Layout, version: int) -> None:
    """Check that the cluster was created by this major version.

    Raises:
        StartupError: it is of another version, which this server cannot read.
    """
    found = (layout.cluster / "PG_VERSION").read_text(encoding="ascii").strip()
    if found != str(version):
        raise StartupError(
            f"The database in {layout.home} was created by PostgreSQL {found}, and this is {version}: "
            "back it up with the version that created it, and restore it into an empty LUXEWIN_DATA_DIR"
        )


def _clear(draft: Path, password_file: Path) -> None:
    password_file.unlink(missing_ok=True)
    shutil.rmtree(draft, ignore_errors=True)


def _require_disk_space(layout: Layout) -> None:
    free_bytes = shutil.disk_usage(layout.home).free
    if free_bytes < _NEEDED_BYTES:
        raise StartupError(
            f"The disk that holds {layout.home} has {free_bytes // 2**20} MB left, and a new database needs "
            f"{_NEEDED_BYTES // 2**20} MB: free some space, or set LUXEWIN_DATA_DIR to a folder on another disk"
        )


def _append(account: Account, path: str, text: str) -> None:
    """Append to a file as the account: root must not write to a path at which another user may have created a link."""
    result = account.run(["/bin/sh", "-c", 'cat >> "$1"', "sh", path], given=text)
    if result.returncode != 0:
        raise StartupError(f"{path} cannot be written ({last_line(result.stderr)}): remove the cause, then start again")


def _initdb_error(layout: Layout, initdb: subprocess.CompletedProcess[str]) -> StartupError:
    if _DISK_FULL in initdb.stderr:
        return StartupError(f"The disk that holds {layout.home} is full: free some space, then start again")
    message = next((line for line in initdb.stderr.splitlines() if "error:" in line or "FATAL:" in line), None)
    return StartupError(
        f"The database cannot be created in {layout.home} ({message or last_line(initdb.stderr)}): "
        "set LUXEWIN_DATA_DIR to another folder, or LUXEWIN_DATABASE_URL to another PostgreSQL"
    )


def _sync(layout: Layout) -> None:
    descriptor = os.open(layout.home, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
