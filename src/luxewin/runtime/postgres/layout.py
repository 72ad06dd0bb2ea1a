"""Where the embedded server keeps what: everything in folders of its own below the data folder."""

import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Self

PORT = 5432
_SOCKET = f".s.PGSQL.{PORT}"
_LONGEST_SOCKET_BYTES = 103
"""The shortest limit of the systems we run on, macOS's 104 with the closing zero; Linux allows 107."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths of one embedded server. `home` and what is in it belong to the user that the server runs as."""

    data_dir: Path

    @classmethod
    def of(cls, data_dir: Path) -> Self:
        """Return the layout of a data folder, whichever way its path is written."""
        return cls(data_dir.resolve())

    @property
    def home(self) -> Path:
        """The folder of the server's own."""
        return self.data_dir / "postgres"

    @property
    def cluster(self) -> Path:
        """The folder that PostgreSQL calls its data directory."""
        return self.home / "data"

    @property
    def draft(self) -> Path:
        """Where a new cluster is prepared, to be renamed once it is whole."""
        return self.home / "draft"

    @property
    def sockets(self) -> Path:
        """The folder of the server's socket: in `home`, or below `/tmp` where that path is too long for a socket."""
        inside = self.home / "socket"
        if len(os.fsencode(inside / _SOCKET)) <= _LONGEST_SOCKET_BYTES:
            return inside
        # One level below the root, where mode and owner are looked at before use; $TMPDIR may be as long again.
        return Path("/tmp") / f"luxewin-{sha256(os.fsencode(self.data_dir)).hexdigest()[:16]}"  # noqa: S108 - see above

    @property
    def locks(self) -> Path:
        """The folder of the locks."""
        return self.data_dir / "run"

    @property
    def supervisor_lock(self) -> Path:
        """Held by the program that looks after the server."""
        return self.locks / "postgres.keeper.lock"

    @property
    def server_lock(self) -> Path:
        """Held by the server and each of its processes."""
        return self.locks / "postgres.lock"

    @property
    def logs(self) -> Path:
        """The folder of the logs, the server's among them."""
        return self.data_dir / "log"

    @property
    def server_log(self) -> Path:
        """The folder of the server's log, one file for each day of the week."""
        return self.logs / "postgres"

    @property
    def start_log(self) -> Path:
        """What the server says before its log is open."""
        return self.logs / "postgres-start.log"

    @property
    def status(self) -> Path:
        """The file that the server keeps while it runs: its process id first, its state in the eighth line."""
        return self.cluster / "postmaster.pid"

    @property
    def traces(self) -> tuple[Path, ...]:
        """What a server that was killed leaves behind, and the next one may mistake for a living one's."""
        return (self.status, self.sockets / _SOCKET, self.sockets / f"{_SOCKET}.lock")
