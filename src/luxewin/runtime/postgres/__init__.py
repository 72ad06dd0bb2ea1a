"""PostgreSQL: the embedded server that the program runs itself, or the server that the settings name."""

from luxewin.kit.database_address import DatabaseAddress
from luxewin.runtime.postgres.embedded import ADMIN_ROLE, DATABASE, EmbeddedPostgres, embedded_address
from luxewin.runtime.postgres.external import OLDEST_VERSION, check_external
from luxewin.runtime.postgres.installation import Installation
from luxewin.runtime.postgres.server import database_address, database_server, role_names

__all__ = [
    "ADMIN_ROLE",
    "DATABASE",
    "OLDEST_VERSION",
    "DatabaseAddress",
    "EmbeddedPostgres",
    "Installation",
    "check_external",
    "database_address",
    "database_server",
    "embedded_address",
    "role_names",
]
