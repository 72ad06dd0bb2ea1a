"""Database roles: group roles that policies and rights name, and login roles that are members of them.

There is one login role per database and purpose, so that installations on one server cannot enter each other.
"""

from collections.abc import Mapping
from typing import Any

APP_ROLE = "luxewin_app"
SYSTEM_ROLE = "luxewin_system"
SEARCH_ROLE = "luxewin_search"
SIMULATOR_ROLE = "luxewin_simulator"
LOGIN_PURPOSES: Mapping[str, str] = {"app": APP_ROLE, "system": SYSTEM_ROLE, "simulator": SIMULATOR_ROLE}


def login_role(database: str, purpose: str) -> str:
    """Return the name of a login role: `shop_app_login` for the application on the database `shop`."""
    return f"{database}_{purpose}_login"


async def ensure_login_roles(connection: Any, database: str, passwords: Mapping[str, str]) -> None:
    """Create the login roles where they are missing, and give them their passwords; run as the owner.

    An owner who may not manage roles finds them made by somebody else, and leaves them as they are.
    """
    if not await connection.fetchval("SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user"):
        return
    for purpose, group in LOGIN_PURPOSES.items():
        role = _quoted(login_role(database, purpose))
        await connection.execute(
            f"DO $$ BEGIN CREATE ROLE {role} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;"
            " EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        )
        password = await connection.fetchval("SELECT quote_literal($1::text)", passwords[purpose])
        await connection.execute(f"ALTER ROLE {role} PASSWORD {password}")
        await connection.execute(f"GRANT {group} TO {role}")
        await connection.execute(f"GRANT CONNECT ON DATABASE {_quoted(database)} TO {role}")
    await connection.execute(f"REVOKE ALL ON DATABASE {_quoted(database)} FROM PUBLIC")


def _quoted(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'
