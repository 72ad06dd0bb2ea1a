"""Dumping: pg_dump writes a consistent snapshot of the database while the program keeps running."""

import re
import subprocess
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from threading import Thread
from typing import Any

import asyncpg

from luxewin.kit.database_address import DatabaseAddress
from luxewin.runtime.backup.archive import CHUNK_BYTES, Advance, no_progress
from luxewin.runtime.backup.errors import BackupError
from luxewin.runtime.postgres.installation import last_line
from luxewin.runtime.postgres.tools import Tools

_LONGEST_LOCK_WAIT_MS = 30_000
_TABLE_BEGINS = re.compile(r'dumping contents of table "(.+)"$')
_LAST_LINES = 20
_PROPERTIES = """
SELECT current_setting('server_version_num')::int / 10000 AS version, now() AS made_at, current_database() AS database,
       pg_database_size(current_database()) AS database_bytes,
       (SELECT version_num FROM alembic_version) AS revision,
       (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user) AS sees_every_row
"""
_FOREIGN_ROLES = """
SELECT DISTINCT r.rolname::text FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid
 WHERE d.refclassid = 'pg_authid'::regclass AND r.rolname <> current_user
   AND d.dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY 1
"""
_FOREIGN_OBJECTS = """
SELECT i.type, i.identity, r.rolname::text AS role
  FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid,
       LATERAL pg_identify_object(d.classid, d.objid, d.objsubid) AS i
 WHERE d.refclassid = 'pg_authid'::regclass AND d.deptype = 'o' AND r.rolname <> current_user
   AND d.dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY 2
"""
_TABLE_SIZES = """
SELECT n.nspname || '.' || c.relname AS name, pg_table_size(c.oid) AS size_bytes
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
"""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An exported snapshot of a database, valid while its transaction is open."""

    address: DatabaseAddress
    snapshot_id: str
    server_version: int
    made_at: datetime
    database_bytes: int
    schema_revision: str
    roles: Sequence[str]
    owned: Sequence[Sequence[str]]
    table_bytes: Mapping[str, int]

    @property
    def size_bytes(self) -> int:
        """The size of the tables on disk."""
        return sum(self.table_bytes.values())


@asynccontextmanager
async def export_snapshot(address: DatabaseAddress) -> AsyncIterator[Snapshot]:
    """Export a snapshot of the database for the duration of the block.

    Raises:
        BackupError: row-level security hides rows from the owner, or the database was never migrated.
    """
    connection = await asyncpg.connect(**address.connect_arguments())
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            yield await _export(connection, address)
    finally:
        await connection.close()


async def _export(connection: Any, address: DatabaseAddress) -> Snapshot:
    if not await connection.fetchval("SELECT to_regclass('alembic_version') IS NOT NULL"):
        raise BackupError(f"There is no installation in {address}: start LuxeWin once, or use another database")
    found = await connection.fetchrow(_PROPERTIES)
    if not found["sees_every_row"]:
        raise BackupError(
            f"Row-level security hides rows of {address} from {address.user}: "
            f'run ALTER ROLE "{address.user}" BYPASSRLS as an administrator of that server'
        )
    return Snapshot(
        address=address,
        snapshot_id=await connection.fetchval("SELECT pg_export_snapshot()"),
        server_version=found["version"],
        made_at=found["made_at"],
        database_bytes=found["database_bytes"],
        schema_revision=found["revision"],
        roles=[row["rolname"] for row in await connection.fetch(_FOREIGN_ROLES)],
        owned=[tuple(row) for row in await connection.fetch(_FOREIGN_OBJECTS)],
        table_bytes={row["name"]: row["size_bytes"] for row in await connection.fetch(_TABLE_SIZES)},
    )


def dump(snapshot: Snapshot, tools: Tools, *, advance: Advance = no_progress) -> Iterator[bytes]:
    """Yield the dump of a snapshot in PostgreSQL's custom format, in chunks.

    Raises:
        BackupError: pg_dump failed; the message holds its last line.
    """
    process = tools.start(
        "pg_dump",
        "--format=custom",
        "--verbose",  # it prints each table that it starts, which is the only progress information
        "--no-password",
        f"--lock-wait-timeout={_LONGEST_LOCK_WAIT_MS}",
        f"--snapshot={snapshot.snapshot_id}",
        address=snapshot.address.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    last_lines: list[str] = []
    reader = Thread(
        target=_read_messages, args=(process, snapshot.table_bytes, last_lines, advance), name="pg_dump", daemon=True
    )
    reader.start()
    try:
        while chunk := process.stdout.read(CHUNK_BYTES):
            yield chunk
        status = process.wait()
        reader.join()
    finally:
        process.kill()
        process.wait()
        reader.join()
        process.stdout.close()
    if status != 0:
        raise BackupError(
            f"pg_dump failed ({last_line(chr(10).join(last_lines))}): remove the cause, then back up again"
        )


def _read_messages(
    process: "subprocess.Popen[bytes]", table_bytes: Mapping[str, int], last_lines: list[str], advance: Advance
) -> None:
    """Report the progress of pg_dump by its messages, and keep the last lines for an error message."""
    assert process.stderr is not None
    done_bytes = 0
    with process.stderr as lines:
        for line in lines:
            text = line.decode(errors="replace").strip()
            started = _TABLE_BEGINS.search(text)
            if started is None:
                last_lines[:] = [*last_lines[1 - _LAST_LINES :], text]
            else:
                advance(done_bytes)
                done_bytes = table_bytes.get(started[1], 0)
    advance(done_bytes)
