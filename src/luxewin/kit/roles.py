"""Database roles: group roles, which policies and grants name, and login roles, which are members of them.

There is one login role per database and purpose, so that no installation on a server can log in to another's database.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

APP_ROLE = "luxewin_app"
SYSTEM_ROLE = "luxewin_system"
SEARCH_ROLE = "luxewin_search"
LOGIN_ROLES: Mapping[str, str] = {"app": APP_ROLE, "system": SYSTEM_ROLE}
"""The group role of each login role, by its purpose; modules may add more."""


def login_roles(*of_modules: Mapping[str, str]) -> Mapping[str, str]:
    """Return the login roles of the kit and of modules: the group role of each, by its purpose."""
    return {**LOGIN_ROLES, **{purpose: group for roles in of_modules for purpose, group in roles.items()}}


def login_role(database: str, purpose: str) -> str:
    """Return the name of a login role, such as `luxewin_app_login` for the application on the database `luxewin`."""
    return f"{database}_{purpose}_login"


@dataclass(frozen=True, slots=True)
class Login:
    """A login role of an installation: its purpose, its group role, and its password."""

    purpose: str
    group: str
    password: str = field(repr=False)


async def ensure_login_roles(connection: Any, database: str, logins: Iterable[Login]) -> None:
    """Create the missing login roles and set their passwords; run as the owner.

    Does nothing if the owner may not manage roles: an administrator has created them.
    """
    if not await connection.fetchval("SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user"):
        return
    for login in logins:
        role = _quote(login_role(database, login.purpose))
        await connection.execute(
            f"DO $$ BEGIN CREATE ROLE {role} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;"
            " EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        )
        password = await connection.fetchval("SELECT quote_literal($1::text)", login.password)
        await connection.execute(f"ALTER ROLE {role} PASSWORD {password}")
        await connection.execute(f"GRANT {login.group} TO {role}")
        await connection.execute(f"GRANT CONNECT ON DATABASE {_quote(database)} TO {role}")
    await connection.execute(f"REVOKE ALL ON DATABASE {_quote(database)} FROM PUBLIC")


def _quote(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'
