"""The database server of the settings: the embedded one, or an external one."""

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
from luxewin.runtime.postgres.staging import refuse_interrupted_restore

_ADMINISTRATOR = "database_admin"
_OTHER_PROGRAMS = 3
"""Programs other than the API that may open pools: the worker, the relay and a command."""
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
    """Run the database during the block, and yield its address as the administrator.

    The embedded server is started, restarted if it ends, and stopped at the end of the block. With `join`, for
    commands, a server that another program of this data folder runs is used instead.

    Raises:
        StartupError: there is no database; one line with the reason and the remedy.
    """
    address = database_address(settings, secrets)
    refuse_interrupted_restore(settings)
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
        supervising = asyncio.create_task(server.keep_running())
        try:
            yield address
        finally:
            supervising.cancel()
            await asyncio.gather(supervising, return_exceptions=True)
    finally:
        await server.stop()


def database_address(settings: Settings, secrets: Secrets) -> DatabaseAddress:
    """Return the address of the database, as the administrator."""
    if settings.database.address is not None:
        return settings.database.address
    return embedded_address(settings.data_dir, secrets.local(_ADMINISTRATOR))


def role_names(database: str, login_roles: Mapping[str, str]) -> list[str]:
    """Return the names of the group roles and of their login roles in a database of this name."""
    return [*login_roles.values(), *(login_role(database, purpose) for purpose in login_roles)]


def _connections(settings: Settings) -> int:
    """Return the connection limit of the embedded server: the sum of all pools, and some spare ones."""
    database = settings.database
    processes = settings.http.processes + _OTHER_PROGRAMS
    pools = processes * (database.pool_size + READ_CONNECTIONS + database.system_pool_size)
    return max(CONNECTIONS, pools + _SPARE_CONNECTIONS)
