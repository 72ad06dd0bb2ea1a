"""The paths of the embedded server, in folders of its own below the data folder."""

import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Self

PORT = 5432
_SOCKET = f".s.PGSQL.{PORT}"
_LONGEST_SOCKET_BYTES = 103
"""The limit of macOS, 104 with the terminating zero; Linux allows 107."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths of an embedded server. `home` and its content belong to the user that the server runs as."""

    data_dir: Path

    @classmethod
    def of(cls, data_dir: Path) -> Self:
        """Return the layout of a data folder, with its path resolved."""
        return cls(data_dir.resolve())

    @property
    def home(self) -> Path:
        """The server's own folder."""
        return self.data_dir / "postgres"

    @property
    def cluster(self) -> Path:
        """The data directory of PostgreSQL."""
        return self.home / "data"

    @property
    def draft(self) -> Path:
        """The folder in which a new cluster is prepared, before it is renamed."""
        return self.home / "draft"

    @property
    def sockets(self) -> Path:
        """The folder of the server's socket: in `home`, or below `/tmp` if that path is too long for a socket."""
        inside = self.home / "socket"
        if len(os.fsencode(inside / _SOCKET)) <= _LONGEST_SOCKET_BYTES:
            return inside
        # Its owner and mode are checked before use. $TMPDIR is not used, since it may be too long as well.
        return Path("/tmp") / f"luxewin-{sha256(os.fsencode(self.data_dir)).hexdigest()[:16]}"  # noqa: S108 - see above

    @property
    def locks(self) -> Path:
        """The folder of the locks."""
        return self.data_dir / "run"

    @property
    def supervisor_lock(self) -> Path:
        """Held by the program that runs the server."""
        return self.locks / "postgres.keeper.lock"

    @property
    def server_lock(self) -> Path:
        """Held by the server and each of its processes."""
        return self.locks / "postgres.lock"

    @property
    def logs(self) -> Path:
        """The folder of the logs, including those of the server."""
        return self.data_dir / "log"

    @property
    def server_log(self) -> Path:
        """The folder of the server's log, with one file per day of the week."""
        return self.logs / "postgres"

    @property
    def start_log(self) -> Path:
        """The output of the server before its log is open."""
        return self.logs / "postgres-start.log"

    @property
    def status(self) -> Path:
        """The status file of a running server: the process id in its first line, the state in its eighth."""
        return self.cluster / "postmaster.pid"

    @property
    def leftovers(self) -> tuple[Path, ...]:
        """The files of a killed server that the next one could mistake for those of a running server."""
        return (self.status, self.sockets / _SOCKET, self.sockets / f"{_SOCKET}.lock")
