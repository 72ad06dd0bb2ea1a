"""A PostgreSQL that somebody else runs: looked at once, before anything is built on it."""

import asyncio
import socket
import ssl
from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg

from luxewin.kit.database_address import DatabaseAddress
from luxewin.kit.startup import StartupError

OLDEST_VERSION = 15
_PATIENCE_SECONDS = 5.0
_LOOK = """
SELECT current_setting('server_version_num')::int / 10000 AS version,
       pg_is_in_recovery() AS is_replica,
       current_setting('server_encoding') AS encoding,
       has_database_privilege(current_database(), 'CREATE')
           AND coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) AS may_create,
       r.rolsuper OR r.rolcreaterole AS may_create_roles,
       ARRAY(SELECT role FROM unnest($1::text[]) role
              WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role)) AS missing_roles
  FROM pg_roles r WHERE r.rolname = current_user
"""
_REMEDIES: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    ((TimeoutError,), "{address} does not answer within 5 s; check host, port and firewall"),
    ((socket.gaierror,), "the host {host} is not known; check its name"),
    ((ssl.SSLError,), "{address} and we do not agree on TLS ({error}); check sslmode and sslrootcert"),
    ((OSError,), "nothing answers for {address}; start the server, or check host and port"),
    (
        (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError),
        "{address} does not let {user} in; check user, password and pg_hba.conf",
    ),
    ((asyncpg.InvalidCatalogNameError,), "there is no {address}; create that database, or check its name"),
    (
        (asyncpg.TooManyConnectionsError,),
        "{address} has no connection to spare; raise its max_connections, or stop other programs",
    ),
)


async def check_external(address: DatabaseAddress, *, roles: Sequence[str]) -> None:
    """Make sure that the server answers, is new enough, and will let the program have its tables and `roles`.

    Raises:
        StartupError: it will not do; one line with the remedy.
    """
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            connection = await asyncpg.connect(**address.connect_arguments())
            try:
                seen = await connection.fetchrow(_LOOK, list(roles))
            finally:
                await connection.close()
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise StartupError(f"LUXEWIN_DATABASE_URL: {_remedy(address, error)}") from error
    assert seen is not None
    found = fault(address, seen)
    if found is not None:
        raise StartupError(f"LUXEWIN_DATABASE_URL: {found}")


def fault(address: DatabaseAddress, seen: Mapping[str, Any]) -> str | None:
    """Return why a server that looks like this will not do, with the remedy; None where it will."""
    if seen["version"] < OLDEST_VERSION:
        return f"{address} runs PostgreSQL {seen['version']}; give one of version {OLDEST_VERSION} or later"
    if seen["is_replica"]:
        return f"{address} is a replica and cannot be written; give the primary's address"
    if seen["encoding"] != "UTF8":
        return f"{address} stores {seen['encoding']}; give a database created with ENCODING 'UTF8'"
    if not seen["may_create"]:
        return (
            f"{address.user} may not create tables in {address}; "
            f'run ALTER DATABASE "{address.database}" OWNER TO "{address.user}"'
        )
    if seen["missing_roles"] and not seen["may_create_roles"]:
        return (
            f"{address.user} may not create the roles {', '.join(seen['missing_roles'])}; "
            f'run ALTER ROLE "{address.user}" CREATEROLE, or create them'
        )
    return None


def _remedy(address: DatabaseAddress, error: Exception) -> str:
    remedy = next((text for kinds, text in _REMEDIES if isinstance(error, kinds)), "{address} cannot be used ({error})")
    return remedy.format(address=address, host=address.host, user=address.user, error=error)
