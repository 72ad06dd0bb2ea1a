"""`luxewin status`: is it running, where, on which database, and are its processes healthy."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx2

from luxewin import __version__
from luxewin.kit.driver_errors import DRIVER_ERRORS
from luxewin.kit.leadership import WORKER_LOCK
from luxewin.kit.messaging.relay import RELAY_LOCK
from luxewin.kit.roles import LOGIN_ROLES
from luxewin.kit.secrets import Secrets
from luxewin.kit.settings import Settings
from luxewin.migrations.migrating import current_revision
from luxewin.migrations.revisions import newest_revision
from luxewin.pages.status_queries import held_locks, server_version
from luxewin.runtime.installation import Installation
from luxewin.runtime.postgres.layout import Layout
from luxewin.runtime.running_program import RunningProgram, find_running

TIMEOUT_SECONDS = 5.0
_LEADERS: Mapping[str, int] = {"worker": WORKER_LOCK, "relay": RELAY_LOCK}


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseStatus:
    """What a database that answers says of itself; `running` are the leaders among worker and relay."""

    version: str
    revision: str | None
    running: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramStatus:
    """The state of the installation; `database` is None if it does not answer."""

    program: RunningProgram | None
    answers: bool
    is_embedded: bool
    database_address: str
    database: DatabaseStatus | None

    @property
    def is_healthy(self) -> bool:
        """True if the program runs, answers, and has a migrated database, a worker and a relay."""
        database = self.database
        if not self.answers or database is None:
            return False
        return database.revision == newest_revision() and database.running == _LEADERS.keys()

    def document(self) -> dict[str, Any]:
        """Return the state for scripts."""
        program, database = self.program, self.database
        return {
            "version": __version__,
            "running": program is not None,
            "healthy": self.is_healthy,
            "pid": None if program is None else program.pid,
            "address": None if program is None else program.address,
            "port": None if program is None else program.port,
            "database": {
                "kind": "embedded" if self.is_embedded else "external",
                "address": self.database_address,
                "answers": database is not None,
                "version": None if database is None else database.version,
            },
            "migrations": {
                "current": None if database is None else database.revision,
                "newest": newest_revision(),
            },
            "processes": {
                "api": {"healthy": self.answers, "count": 0 if program is None else program.processes},
                **{name: {"healthy": self._runs(name)} for name in _LEADERS},
            },
        }

    def lines(self) -> list[str]:
        """Return the state for people."""
        program, database = self.program, self.database
        rows = [
            ("LuxeWin", __version__ if program is None else program.version),
            ("Program", "stopped" if program is None else f"running, process {program.pid}"),
        ]
        if program is not None:
            rows.append(("Address", f"{program.address} (port {program.port})"))
        kind = "embedded PostgreSQL" if self.is_embedded else "PostgreSQL"
        state = "does not answer" if database is None else f"{database.version}, answers"
        rows.append(("Database", f"{kind} {state}, in {self.database_address}"))
        if database is not None:
            rows.append(("Migrations", _migrations(database.revision)))
        if program is not None:
            rows.append(("API", f"{'healthy' if self.answers else 'does not answer'}, {program.processes} processes"))
            rows += [(name.title(), "running" if self._runs(name) else "not running") for name in _LEADERS]
        return [f"{name:<12}{text}" for name, text in rows]

    def _runs(self, name: str) -> bool:
        return self.database is not None and name in self.database.running


async def read_status(settings: Settings) -> ProgramStatus:
    """Return the state of the installation; starts and creates nothing."""
    program = find_running(settings.data_dir)
    external = settings.database.address
    cluster = Layout.of(settings.data_dir).home
    return ProgramStatus(
        program=program,
        answers=program is not None and await _answers(program),
        is_embedded=external is None,
        database_address=str(cluster if external is None else external),
        database=await _read_database(settings),
    )


async def read_database(connection: Any) -> DatabaseStatus:
    """Return what the database says of itself."""
    held = await held_locks(connection, list(_LEADERS.values()))
    return DatabaseStatus(
        version=await server_version(connection),
        revision=await current_revision(connection),
        running=frozenset(name for name, lock in _LEADERS.items() if lock in held),
    )


def exists(settings: Settings) -> bool:
    """Return whether there is an installation to look at: a master key, and a database."""
    has_database = settings.database.address is not None or Layout.of(settings.data_dir).cluster.exists()
    return has_database and Secrets.existing_master_key(settings) is not None


async def _read_database(settings: Settings) -> DatabaseStatus | None:
    if not exists(settings):
        return None
    # An embedded database has secrets already; for an external one nothing but its address is needed.
    address = settings.database.address or Installation.of(settings, login_roles=LOGIN_ROLES).owner
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            connection = await asyncpg.connect(**address.connect_arguments())
            try:
                return await read_database(connection)
            finally:
                await connection.close()
    except DRIVER_ERRORS:
        return None


async def _answers(program: RunningProgram) -> bool:
    """Return whether the API answers that it is ready."""
    try:
        async with httpx2.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False) as client:
            return (await client.get(f"{program.address}/health/ready")).is_success
    except httpx2.HTTPError:
        return False


def _migrations(revision: str | None) -> str:
    newest = newest_revision()
    if revision == newest:
        return f"{newest}, up to date"
    return f"{revision or 'none'}, and this version has {newest}: run `luxewin migrate`, or start the program"
