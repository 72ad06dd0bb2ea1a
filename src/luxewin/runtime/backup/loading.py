"""Loading: pg_restore converts a dump to SQL, and psql runs it in a single transaction.

All objects are created by the owner of the database. Objects of other roles are given to them before the commit.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from threading import Thread
from typing import IO

from luxewin.kit.database_address import DatabaseAddress
from luxewin.runtime.backup.archive import DUMP, Advance, Archive, no_progress
from luxewin.runtime.backup.errors import BackupError
from luxewin.runtime.backup.manifest import Manifest
from luxewin.runtime.postgres.installation import last_line
from luxewin.runtime.postgres.tools import Tools

_DISK_FULL = "No space left on device"
_SINCE_17 = b"SET transaction_timeout = 0;\n"
"""Written by pg_restore since version 17, and unknown to older servers."""
_TRANSACTION_TIMEOUT_SINCE = 17
_HEADER_LINES = 40
_PIPE_CLOSED = (BrokenPipeError, ValueError)
"""Raised when the reading program has failed; its own message has the reason."""


def load(
    archive: Archive, address: DatabaseAddress, tools: Tools, *, server_version: int, advance: Advance = no_progress
) -> None:
    """Load the dump of an archive into an empty database, as its owner; an interruption leaves it empty.

    Raises:
        BackupError: the database reported an error.
    """
    with tempfile.TemporaryFile() as messages, tempfile.TemporaryFile() as answers:
        reader = _reader(tools, "-", stdout=subprocess.PIPE, stderr=messages.fileno())
        writer = tools.start(
            "psql",
            *("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null", "--file=-"),
            address=address.environment(),
            stdin=subprocess.PIPE,
            stderr=answers.fileno(),
        )
        feeder = _Feeder(reader, lambda: archive.chunks(DUMP, advance=advance))
        try:
            _copy_script(reader, writer, archive.manifest, server_version)
        finally:
            statuses = _exit_statuses(reader, writer)
            failure = feeder.join()
        if failure is not None:
            raise failure
        if statuses != [0, 0]:
            raise _load_error(address, _error_in(answers) or _error_in(messages))


def read_through(archive: Archive, tools: Tools, *, advance: Advance = no_progress) -> None:
    """Check that pg_restore can read a dump to its end; nothing is stored.

    Raises:
        BackupError: it cannot.
    """
    with tempfile.TemporaryFile() as messages:
        reader = _reader(tools, "/dev/null", stderr=messages.fileno())
        feeder = _Feeder(reader, lambda: archive.chunks(DUMP, advance=advance))
        failure = feeder.join()
        status = reader.wait()
        if failure is not None:
            raise failure
        if status != 0:
            raise BackupError(
                f"{archive.path} holds a dump that cannot be read ({_error_in(messages)}): use another one"
            )


def _reader(tools: Tools, output: str, *, stdout: int = subprocess.DEVNULL, stderr: int) -> "subprocess.Popen[bytes]":
    arguments = ("--no-owner", f"--file={output}")
    return tools.start("pg_restore", *arguments, stdin=subprocess.PIPE, stdout=stdout, stderr=stderr)


class _Feeder:
    """Writes to the input of a program in a thread, because its output must be read at the same time."""

    def __init__(self, process: "subprocess.Popen[bytes]", chunks: Callable[[], Iterable[bytes]]) -> None:
        self._process = process
        self._chunks = chunks
        self._failure: BaseException | None = None
        self._thread = Thread(target=self._feed, name="pg_restore", daemon=True)
        self._thread.start()

    def join(self) -> BaseException | None:
        """Wait for the end, and return the error that occurred while the archive was read."""
        self._thread.join()
        return self._failure

    def _feed(self) -> None:
        assert self._process.stdin is not None
        try:
            with self._process.stdin as pipe:
                for chunk in self._chunks():
                    pipe.write(chunk)
        except _PIPE_CLOSED:
            pass
        except BaseException as failure:  # noqa: BLE001 - raised again by the caller of `join`
            self._failure = failure
            self._process.kill()


def _copy_script(
    reader: "subprocess.Popen[bytes]", writer: "subprocess.Popen[bytes]", manifest: Manifest, server_version: int
) -> None:
    """Copy the script to psql, in one transaction.

    The option --single-transaction would commit at the end of the input, also when this process was killed. So the
    COMMIT is written here, after the whole script.
    """
    assert reader.stdout is not None
    assert writer.stdin is not None
    try:
        with reader.stdout as script, writer.stdin as pipe:
            pipe.write(b"SET client_min_messages = warning;\nBEGIN;\n")
            pipe.writelines(_roles(manifest))
            pipe.writelines(_drop_unsupported(islice(script, _HEADER_LINES), server_version))
            shutil.copyfileobj(script, pipe)
            if reader.wait() == 0:
                pipe.writelines(_ownership(manifest))
                pipe.write(b"COMMIT;\n")
    except _PIPE_CLOSED:
        pass


def _drop_unsupported(header: Iterable[bytes], server_version: int) -> Iterator[bytes]:
    """Remove statements from the first lines that the server does not support."""
    return (line for line in header if line != _SINCE_17 or server_version >= _TRANSACTION_TIMEOUT_SINCE)


def _roles(manifest: Manifest) -> Iterator[bytes]:
    """Yield the statements that create missing roles that the dump names."""
    for role in manifest.roles:
        yield (
            f"DO $$ BEGIN CREATE ROLE {_quote(role)} NOLOGIN NOSUPERUSER NOBYPASSRLS;"
            " EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;\n"
        ).encode()


def _ownership(manifest: Manifest) -> Iterator[bytes]:
    """Yield the statements that give objects to their owners, as the first migration does."""
    for kind, name, role in manifest.owned:
        schema = name.partition(".")[0]
        yield (
            f"GRANT {_quote(role)} TO CURRENT_USER; GRANT CREATE ON SCHEMA {schema} TO {_quote(role)};"
            f" ALTER {kind.upper()} {name} OWNER TO {_quote(role)};"
            f" REVOKE CREATE ON SCHEMA {schema} FROM {_quote(role)}; REVOKE {_quote(role)} FROM CURRENT_USER;\n"
        ).encode()


def _exit_statuses(*processes: "subprocess.Popen[bytes]") -> list[int]:
    for process in processes:
        for pipe in (process.stdin, process.stdout):
            if pipe is not None and not pipe.closed:
                pipe.close()
    return [process.wait() for process in processes]


def _load_error(address: DatabaseAddress, message: str) -> BackupError:
    if _DISK_FULL in message:
        return BackupError(f"The disk of {address} is full: free some space, then restore again")
    return BackupError(f"{address} reported an error ({message}): remove the cause, then restore again")


def _error_in(output: IO[bytes]) -> str:
    output.seek(0)
    text = output.read().decode(errors="replace")
    errors = [line.strip() for line in text.splitlines() if "ERROR:" in line or "error:" in line or "FATAL:" in line]
    return errors[0] if errors else last_line(text)


def _quote(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'
