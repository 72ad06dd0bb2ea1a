"""Loading: pg_restore turns a dump into SQL, and psql runs it in one transaction: all of it, or nothing.

Every object is made by the database's owner, whatever that role is called here; what belongs to another role is handed
to it before the commit.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from threading import Thread
from typing import IO

from luxewin.kit.database_address import DatabaseAddress
from luxewin.runtime.backup.archive import DUMP, Advance, Archive, nowhere
from luxewin.runtime.backup.errors import BackupError
from luxewin.runtime.backup.manifest import Manifest
from luxewin.runtime.postgres.installation import last_line
from luxewin.runtime.postgres.tools import Tools

_NO_ROOM = "No space left on device"
_SINCE_17 = b"SET transaction_timeout = 0;\n"
"""Written by every pg_restore since 17, and unknown to older servers."""
_KNOWS_IT = 17
_HEADER_LINES = 40
_NO_MATTER = (BrokenPipeError, ValueError)
"""What feeding a program that has given up ends with; its own words say why it did."""


def load(
    archive: Archive, address: DatabaseAddress, tools: Tools, *, server_version: int, advance: Advance = nowhere
) -> None:
    """Load an archive's dump into an empty database, as its owner; a kill at any moment leaves it empty.

    Raises:
        BackupError: the database would not take it.
    """
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as answered:
        reader = _reader(tools, "-", stdout=subprocess.PIPE, stderr=said.fileno())
        writer = tools.start(
            "psql",
            *("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null", "--file=-"),
            address=address.environment(),
            stdin=subprocess.PIPE,
            stderr=answered.fileno(),
        )
        feeder = _Feeder(reader, lambda: archive.chunks(DUMP, advance=advance))
        try:
            _pass_on(reader, writer, archive.manifest, server_version)
        finally:
            statuses = _ended(reader, writer)
            failure = feeder.join()
        if failure is not None:
            raise failure
        if statuses != [0, 0]:
            raise _refusal(address, _words(answered) or _words(said))


def read_through(archive: Archive, tools: Tools, *, advance: Advance = nowhere) -> None:
    """Let pg_restore read a dump to its end, and keep nothing of it.

    Raises:
        BackupError: it could not.
    """
    with tempfile.TemporaryFile() as said:
        reader = _reader(tools, "/dev/null", stderr=said.fileno())
        feeder = _Feeder(reader, lambda: archive.chunks(DUMP, advance=advance))
        failure = feeder.join()
        status = reader.wait()
        if failure is not None:
            raise failure
        if status != 0:
            raise BackupError(f"{archive.path} holds a dump that cannot be read ({_words(said)}): take another one")


def _reader(tools: Tools, output: str, *, stdout: int = subprocess.DEVNULL, stderr: int) -> "subprocess.Popen[bytes]":
    arguments = ("--no-owner", f"--file={output}")
    return tools.start("pg_restore", *arguments, stdin=subprocess.PIPE, stdout=stdout, stderr=stderr)


class _Feeder:
    """Feeds a program in a thread of its own, because its output must be taken at the same time."""

    def __init__(self, process: "subprocess.Popen[bytes]", chunks: Callable[[], Iterable[bytes]]) -> None:
        self._process = process
        self._chunks = chunks
        self._failure: BaseException | None = None
        self._thread = Thread(target=self._feed, name="pg_restore", daemon=True)
        self._thread.start()

    def join(self) -> BaseException | None:
        """Wait for the end, and return what went wrong while the archive was read."""
        self._thread.join()
        return self._failure

    def _feed(self) -> None:
        assert self._process.stdin is not None
        try:
            with self._process.stdin as pipe:
                for chunk in self._chunks():
                    pipe.write(chunk)
        except _NO_MATTER:
            pass
        except BaseException as failure:  # noqa: BLE001 - it is raised again by whoever waits for this thread
            self._failure = failure
            self._process.kill()


def _pass_on(
    reader: "subprocess.Popen[bytes]", writer: "subprocess.Popen[bytes]", manifest: Manifest, server_version: int
) -> None:
    """Pass the script on, within one transaction.

    psql is not asked for that transaction, because it would commit whatever it got before its input ended, as it does
    when we are killed. Our COMMIT comes last, or not at all.
    """
    assert reader.stdout is not None
    assert writer.stdin is not None
    try:
        with reader.stdout as script, writer.stdin as pipe:
            pipe.write(b"SET client_min_messages = warning;\nBEGIN;\n")
            pipe.writelines(_roles(manifest))
            pipe.writelines(_known(islice(script, _HEADER_LINES), server_version))
            shutil.copyfileobj(script, pipe)
            if reader.wait() == 0:
                pipe.writelines(_property(manifest))
                pipe.write(b"COMMIT;\n")
    except _NO_MATTER:
        pass


def _known(header: Iterable[bytes], server_version: int) -> Iterator[bytes]:
    """Leave out of the script's first lines what the server is too old to know."""
    return (line for line in header if line != _SINCE_17 or server_version >= _KNOWS_IT)


def _roles(manifest: Manifest) -> Iterator[bytes]:
    """Yield the statements that make the roles which the dump names, where the server does not have them."""
    for role in manifest.roles:
        yield (
            f"DO $$ BEGIN CREATE ROLE {_quoted(role)} NOLOGIN NOSUPERUSER NOBYPASSRLS;"
            " EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;\n"
        ).encode()


def _property(manifest: Manifest) -> Iterator[bytes]:
    """Yield the statements that hand objects to the roles they belong to, as the first migration does."""
    for kind, name, role in manifest.owned:
        schema = name.partition(".")[0]
        yield (
            f"GRANT {_quoted(role)} TO CURRENT_USER; GRANT CREATE ON SCHEMA {schema} TO {_quoted(role)};"
            f" ALTER {kind.upper()} {name} OWNER TO {_quoted(role)};"
            f" REVOKE CREATE ON SCHEMA {schema} FROM {_quoted(role)}; REVOKE {_quoted(role)} FROM CURRENT_USER;\n"
        ).encode()


def _ended(*processes: "subprocess.Popen[bytes]") -> list[int]:
    for process in processes:
        for pipe in (process.stdin, process.stdout):
            if pipe is not None and not pipe.closed:
                pipe.close()
    return [process.wait() for process in processes]


def _refusal(address: DatabaseAddress, words: str) -> BackupError:
    if _NO_ROOM in words:
        return BackupError(f"The disk of {address} is full: free some space, then restore again")
    return BackupError(f"{address} does not take what the archive holds ({words}): mend that, then restore again")


def _words(said: IO[bytes]) -> str:
    said.seek(0)
    text = said.read().decode(errors="replace")
    errors = [line.strip() for line in text.splitlines() if "ERROR:" in line or "error:" in line or "FATAL:" in line]
    return errors[0] if errors else last_line(text)


def _quoted(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'
