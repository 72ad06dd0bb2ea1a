"""The installation, opened by each process: settings, secrets and the database's address."""

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Self

from luxewin.kit.database import Database
from luxewin.kit.database_address import DatabaseAddress
from luxewin.kit.pools import PoolLimits
from luxewin.kit.roles import LOGIN_ROLES, Login, login_role, login_roles
from luxewin.kit.secrets import Secrets
from luxewin.kit.settings import Settings, SettingsExtension
from luxewin.runtime.postgres import database_address, database_server


@dataclass(frozen=True, slots=True)
class Installation:
    """The data that a process needs before it opens any connection."""

    settings: Settings
    secrets: Secrets
    owner: DatabaseAddress
    login_roles: Mapping[str, str] = field(default_factory=lambda: LOGIN_ROLES)
    """The group role of each login role, by its purpose."""

    @classmethod
    def find(cls, environ: Mapping[str, str], extensions: Sequence[SettingsExtension] = ()) -> Self:
        """Read the settings, with those that modules declare, and open the secrets.

        Raises:
            StartupError: a setting or the data folder cannot be used.
        """
        settings = Settings.load(environ, extensions)
        return cls.of(settings, login_roles=login_roles(*(extension.login_roles for extension in extensions)))

    @classmethod
    def of(cls, settings: Settings, *, login_roles: Mapping[str, str]) -> Self:
        """Open the secrets of the data folder, and derive the address of the database.

        Raises:
            StartupError: the data folder cannot be used.
        """
        secrets = Secrets.open(settings)
        return cls(settings, secrets, database_address(settings, secrets), login_roles)

    def logins(self) -> list[Login]:
        """Return the login roles with their passwords."""
        return [
            Login(purpose, group, self.secrets.database_password(purpose))
            for purpose, group in self.login_roles.items()
        ]

    def role(self, purpose: str) -> dict[str, Any]:
        """Return the connection arguments of a login role, by its purpose: `app`, `system` or a module's own."""
        user = login_role(self.owner.database, purpose)
        return self.owner.as_role(user, self.secrets.database_password(purpose)).connect_arguments()

    def key(self, purpose: str) -> bytes:
        """Derive a key for one purpose from the master key, so that no two uses share one.

        Source: HKDF-Expand with HMAC-SHA256 (RFC 5869) for one block.
        """
        return hmac.new(self.secrets.master_key, purpose.encode() + b"\x01", hashlib.sha256).digest()

    @property
    def pool_limits(self) -> PoolLimits:
        """The sizes and timeouts of the connection pools."""
        database = self.settings.database
        return PoolLimits(
            size=database.pool_size,
            wait_seconds=database.pool_wait_seconds,
            statement_seconds=database.statement_timeout_seconds,
            lock_seconds=database.lock_timeout_seconds,
        )

    def database_server(
        self, *, report: Callable[[str], None], join: bool = False
    ) -> AbstractAsyncContextManager[DatabaseAddress]:
        """Return a context in which the database runs; see `luxewin.runtime.postgres.database_server`."""
        return database_server(self.settings, self.secrets, report=report, join=join, login_roles=self.login_roles)

    async def open_database(self) -> Database:
        """Open the connection pools of the application's and the system's role."""
        return await Database.open(
            self.role("app"),
            self.role("system"),
            self.pool_limits,
            system_size=self.settings.database.system_pool_size,
        )
