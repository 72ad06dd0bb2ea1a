"""Checks of an external PostgreSQL before it is used."""

import asyncio
import socket
import ssl
from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg

from luxewin.kit.database_address import DatabaseAddress
from luxewin.kit.driver_errors import DRIVER_ERRORS
from luxewin.kit.startup import StartupError

OLDEST_VERSION = 15
_TIMEOUT_SECONDS = 5.0
_PROPERTIES = """
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
    ((socket.gaierror,), "the host {host} cannot be resolved; check its name"),
    ((ssl.SSLError,), "TLS with {address} failed ({error}); check sslmode and sslrootcert"),
    ((OSError,), "the connection to {address} was refused; start the server, or check host and port"),
    (
        (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError),
        "{address} rejected the login of {user}; check user, password and pg_hba.conf",
    ),
    ((asyncpg.InvalidCatalogNameError,), "the database {address} does not exist; create it, or check its name"),
    (
        (asyncpg.TooManyConnectionsError,),
        "{address} has no free connection; raise its max_connections, or stop other programs",
    ),
)


async def check_external(address: DatabaseAddress, *, roles: Sequence[str]) -> None:
    """Check that the server answers, has a supported version, and allows the program to create its tables and `roles`.

    Raises:
        StartupError: a check failed; one line with the remedy.
    """
    try:
        async with asyncio.timeout(_TIMEOUT_SECONDS):
            connection = await asyncpg.connect(**address.connect_arguments())
            try:
                properties = await connection.fetchrow(_PROPERTIES, list(roles))
            finally:
                await connection.close()
    except DRIVER_ERRORS as error:
        raise StartupError(f"LUXEWIN_DATABASE_URL: {_remedy(address, error)}") from error
    assert properties is not None
    found = fault(address, properties)
    if found is not None:
        raise StartupError(f"LUXEWIN_DATABASE_URL: {found}")


def fault(address: DatabaseAddress, properties: Mapping[str, Any]) -> str | None:
    """Return the reason that a server with these properties cannot be used, with the remedy; None if it can."""
    if properties["version"] < OLDEST_VERSION:
        return f"{address} runs PostgreSQL {properties['version']}; use version {OLDEST_VERSION} or later"
    if properties["is_replica"]:
        return f"{address} is a read-only replica; give the address of the primary"
    if properties["encoding"] != "UTF8":
        return f"{address} has the encoding {properties['encoding']}; use a database created with ENCODING 'UTF8'"
    if not properties["may_create"]:
        return (
            f"{address.user} may not create tables in {address}; "
            f'run ALTER DATABASE "{address.database}" OWNER TO "{address.user}"'
        )
    if properties["missing_roles"] and not properties["may_create_roles"]:
        return (
            f"{address.user} may not create the roles {', '.join(properties['missing_roles'])}; "
            f'run ALTER ROLE "{address.user}" CREATEROLE, or create them'
        )
    return None


def _remedy(address: DatabaseAddress, error: Exception) -> str:
    remedy = next((text for kinds, text in _REMEDIES if isinstance(error, kinds)), "{address} cannot be used ({error})")
    return remedy.format(address=address, host=address.host, user=address.user, error=error)
