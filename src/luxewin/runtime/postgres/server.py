"""The database that the settings ask for: the embedded server, or one that somebody else runs."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from luxewin.kit.database import READ_CONNECTIONS
from luxewin.kit.database_address import DatabaseAddress
from luxewin.kit.roles import LOGIN_ROLES, login_role
from luxewin.kit.secrets import Secrets
from luxewin.kit.settings import Settings
from luxewin.runtime.postgres.embedded import CONNECTIONS, EmbeddedPostgres, embedded_address
from luxewin.runtime.postgres.external import check_external
from luxewin.runtime.postgres.staging import refuse_half_restored

_ADMINISTRATOR = "database_admin"
_OTHER_PROGRAMS = 3
"""Programs beside the API that may hold pools: the worker, the relay and a command."""
_SPARE_CONNECTIONS = 10


@asynccontextmanager
async def database_server(
    settings: Settings,
    secrets: Secrets,
    *,
    report: Callable[[str], None],
    join: bool = False,
    login_roles: Mapping[str, str] = LOGIN_ROLES,
) -> AsyncIterator[DatabaseAddress]:
    """Have the database at hand while the block runs, and yield its address as the administrator.

    The embedded server is started, started again should it die, and stopped at the end. With `join`, for commands, a
    server that another program of this data folder keeps is used as it is.

    Raises:
        StartupError: one line that says why there is no database, with the remedy.
    """
    address = database_address(settings, secrets)
    refuse_half_restored(settings)
    if settings.database.address is not None:
        await check_external(address, roles=role_names(address.database, login_roles))
        yield address
        return
    server = EmbeddedPostgres(
        settings.data_dir, password=address.password, connections=_connections(settings), report=report
    )
    if join and await server.is_running_elsewhere():
        yield address
        return
    try:
        await server.start()
        keeping = asyncio.create_task(server.keep_running())
        try:
            yield address
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
    finally:
        await server.stop()


def database_address(settings: Settings, secrets: Secrets) -> DatabaseAddress:
    """Return where the database is, as the administrator; any process of this installation may ask."""
    if settings.database.address is not None:
        return settings.database.address
    return embedded_address(settings.data_dir, secrets.local(_ADMINISTRATOR))


def role_names(database: str, login_roles: Mapping[str, str]) -> list[str]:
    """Return the names of the group roles and of their login roles in a database of this name."""
    return [*login_roles.values(), *(login_role(database, purpose) for purpose in login_roles)]


def _connections(settings: Settings) -> int:
    """Return how many connections the embedded server must allow, so that every pool can fill up."""
    database = settings.database
    pools = (settings.http.processes + _OTHER_PROGRAMS) * (
        database.pool_size + READ_CONNECTIONS + database.system_pool_size
    )
    return max(CONNECTIONS, pools + _SPARE_CONNECTIONS)
