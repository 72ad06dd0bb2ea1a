"""The way to a folder: a server that runs as another user than root must be able to walk to its files.

Where a folder on the way is closed to it, as root's home is, the server's user, and nobody else, is granted the right
to pass through: an entry `user:NAME:--x` in the folder's access control list. Nothing inside becomes readable by it.
"""

import errno
import os
import struct
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from luxewin.kit.startup import StartupError
from luxewin.runtime.postgres.installation import Account

_ACL = "system.posix_acl_access"  # as the kernel keeps it: a version, then entries in the order of their tags
_VERSION = struct.pack("<I", 2)
_ENTRY = struct.Struct("<HHI")  # tag, rights, user
_OWNER, _USER, _GROUP, _MASK, _OTHERS = 0x01, 0x02, 0x04, 0x10, 0x20
_NOBODY_NAMED = 0xFFFFFFFF
_PASS = 0o1
_FIRST_CLOSED = 'for folder; do cd -P "$folder" 2>/dev/null || { printf "%s" "$folder"; exit; }; done'


def open_passage(account: Account, folders: Iterable[Path], *, tell: Callable[[str], None]) -> None:
    """See to it that the account can walk to every folder; what had to be granted is told.

    Raises:
        StartupError: a folder on the way is closed and stays so.
    """
    if os.geteuid() == account.uid:
        return
    way = list(dict.fromkeys(step for folder in folders for step in (*reversed(folder.parents), folder)))
    granted: set[Path] = set()
    while (closed := _first_closed(account, way)) is not None:
        if closed in granted:
            raise _refusal(account, closed)
        _let_pass(account, closed)
        granted.add(closed)
        tell(f"Granted the database's user {account.name} the right to pass through {closed}, and no more")


def _first_closed(account: Account, way: list[Path]) -> Path | None:
    closed = account.run(["/bin/sh", "-c", _FIRST_CLOSED, "sh", *map(str, way)]).stdout
    return Path(closed) if closed else None


def _let_pass(account: Account, folder: Path) -> None:
    if sys.platform != "linux":
        raise _refusal(account, folder)
    try:
        entries = _entries(folder)
        entries[_USER, account.uid] = entries.get((_USER, account.uid), 0) | _PASS
        entries[_MASK, _NOBODY_NAMED] = entries.get((_MASK, _NOBODY_NAMED), entries[_GROUP, _NOBODY_NAMED]) | _PASS
        packed = (_ENTRY.pack(tag, rights, named) for (tag, named), rights in sorted(entries.items()))
        os.setxattr(folder, _ACL, _VERSION + b"".join(packed))
    except OSError as error:
        raise _refusal(account, folder) from error


def _entries(folder: Path) -> dict[tuple[int, int], int]:
    """Return the rights in a folder's list by tag and user; a folder without a list has the three of its mode."""
    try:
        packed = os.getxattr(folder, _ACL)[len(_VERSION) :]
    except OSError as error:
        if error.errno != errno.ENODATA:
            raise
        mode = folder.stat().st_mode
        return {
            (_OWNER, _NOBODY_NAMED): mode >> 6 & 0o7,
            (_GROUP, _NOBODY_NAMED): mode >> 3 & 0o7,
            (_OTHERS, _NOBODY_NAMED): mode & 0o7,
        }
    return {(tag, named): rights for tag, rights, named in _ENTRY.iter_unpack(packed)}


def _refusal(account: Account, folder: Path) -> StartupError:
    return StartupError(
        f"The database's user {account.name} may not pass through {folder}: run `chmod o+x {folder}`, "
        "start as an ordinary user, or set LUXEWIN_DATA_DIR to a folder that everybody can reach"
    )
