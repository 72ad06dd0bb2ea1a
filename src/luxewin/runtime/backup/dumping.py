"""Dumping: pg_dump writes the database as it is at one moment, while everybody goes on working."""

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
from luxewin.runtime.backup.archive import CHUNK_BYTES, Advance, nowhere
from luxewin.runtime.backup.errors import BackupError
from luxewin.runtime.postgres.installation import last_line
from luxewin.runtime.postgres.tools import Tools

_LONGEST_LOCK_WAIT_MS = 30_000
_TABLE_BEGINS = re.compile(r'dumping contents of table "(.+)"$')
_LAST_LINES = 20
_LOOK = """
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
_FOREIGN_PROPERTY = """
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
    """One moment of a database, held still for as long as the dump takes."""

    address: DatabaseAddress
    snapshot: str
    server_version: int
    made_at: datetime
    database_bytes: int
    schema_revision: str
    roles: Sequence[str]
    owned: Sequence[Sequence[str]]
    table_bytes: Mapping[str, int]

    @property
    def size_bytes(self) -> int:
        """How much there is to dump, as the tables lie on the disk."""
        return sum(self.table_bytes.values())


@asynccontextmanager
async def take_snapshot(address: DatabaseAddress) -> AsyncIterator[Snapshot]:
    """Hold a moment of the database while the block runs: all that is read in it, by whomever, is of one snapshot.

    Raises:
        BackupError: the owner's role would not see every row, or the database was never migrated.
    """
    connection = await asyncpg.connect(**address.connect_arguments())
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            yield await _moment(connection, address)
    finally:
        await connection.close()


async def _moment(connection: Any, address: DatabaseAddress) -> Snapshot:
    if not await connection.fetchval("SELECT to_regclass('alembic_version') IS NOT NULL"):
        raise BackupError(f"There is no installation in {address}: start the program once, or name another database")
    seen = await connection.fetchrow(_LOOK)
    if not seen["sees_every_row"]:
        raise BackupError(
            f"{address.user} does not see every row of {address}, because row-level security is forced: "
            f'run ALTER ROLE "{address.user}" BYPASSRLS as an administrator of that server'
        )
    return Snapshot(
        address=address,
        snapshot=await connection.fetchval("SELECT pg_export_snapshot()"),
        server_version=seen["version"],
        made_at=seen["made_at"],
        database_bytes=seen["database_bytes"],
        schema_revision=seen["revision"],
        roles=[row["rolname"] for row in await connection.fetch(_FOREIGN_ROLES)],
        owned=[tuple(row) for row in await connection.fetch(_FOREIGN_PROPERTY)],
        table_bytes={row["name"]: row["size_bytes"] for row in await connection.fetch(_TABLE_SIZES)},
    )


def dump(moment: Snapshot, tools: Tools, *, advance: Advance = nowhere) -> Iterator[bytes]:
    """Yield the dump of a moment in PostgreSQL's custom format, piece by piece.

    Raises:
        BackupError: pg_dump gave up; its own words say why.
    """
    process = tools.start(
        "pg_dump",
        "--format=custom",
        "--verbose",  # it tells each table that it begins, which is all the progress there is to see
        "--no-password",
        f"--lock-wait-timeout={_LONGEST_LOCK_WAIT_MS}",
        f"--snapshot={moment.snapshot}",
        address=moment.address.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    said: list[str] = []
    listener = Thread(target=_listen, args=(process, moment.table_bytes, said, advance), name="pg_dump", daemon=True)
    listener.start()
    try:
        while chunk := process.stdout.read(CHUNK_BYTES):
            yield chunk
        status = process.wait()
        listener.join()
    finally:
        process.kill()
        process.wait()
        listener.join()
        process.stdout.close()
    if status != 0:
        raise BackupError(f"pg_dump gave up ({last_line(chr(10).join(said))}): mend that, then back up again")


def _listen(
    process: "subprocess.Popen[bytes]", table_bytes: Mapping[str, int], said: list[str], advance: Advance
) -> None:
    """Hear which table pg_dump is at, and keep the last lines for the case that it gives up."""
    assert process.stderr is not None
    done_bytes = 0
    with process.stderr as lines:
        for line in lines:
            text = line.decode(errors="replace").strip()
            begun = _TABLE_BEGINS.search(text)
            if begun is None:
                said[:] = [*said[1 - _LAST_LINES :], text]
            else:
                advance(done_bytes)
                done_bytes = table_bytes.get(begun[1], 0)
    advance(done_bytes)
