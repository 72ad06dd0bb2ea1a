"""The check that the database server's user can reach the server's programs and files.

A server that root starts runs as an unprivileged user. That user needs the execute permission on every parent
directory; a home directory with mode 0700 denies it. The check changes no permission: opening a directory is a decision
for its owner.
"""

import os
from collections.abc import Iterable
from pathlib import Path

from luxewin.kit.startup import StartupError
from luxewin.runtime.postgres.installation import Account

_FIRST_CLOSED = 'for folder; do cd -P "$folder" 2>/dev/null || { printf "%s" "$folder"; exit; }; done'


def require_reachable(account: Account, *, programs: Path, data: Iterable[Path]) -> None:
    """Check that the account can reach the programs and every data folder.

    Raises:
        StartupError: a directory on the path is closed to the account; the message names both.
    """
    if os.geteuid() == account.uid:
        return
    if (closed := _find_first_closed(account, [programs])) is not None:
        raise _unreachable(account, closed, "install LuxeWin in a folder that every user can reach")
    if (closed := _find_first_closed(account, data)) is not None:
        raise _unreachable(account, closed, "set LUXEWIN_DATA_DIR to a folder that every user can reach")


def _find_first_closed(account: Account, folders: Iterable[Path]) -> Path | None:
    """Return the outermost directory that the account cannot enter; only the kernel applies every rule, so try."""
    path = dict.fromkeys(step for folder in folders for step in (*reversed(folder.parents), folder))
    closed = account.run(["/bin/sh", "-c", _FIRST_CLOSED, "sh", *map(str, path)]).stdout
    return Path(closed) if closed else None


def _unreachable(account: Account, closed: Path, alternative: str) -> StartupError:
    return StartupError(
        f"The database server runs as the user {account.name}, which cannot enter the directory {closed}: "
        f"run `chmod o+x {closed}`, start LuxeWin as an ordinary user, or {alternative}"
    )
