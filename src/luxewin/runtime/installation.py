"""The installation as each of its processes finds it: settings, secrets, and the way into the database."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from luxewin.kit.database import Database
from luxewin.kit.database_address import DatabaseAddress
from luxewin.kit.pools import PoolLimits
from luxewin.kit.roles import LOGIN_PURPOSES, login_role
from luxewin.kit.secrets import Secrets
from luxewin.kit.settings import Settings, SettingsExtension
from luxewin.runtime.postgres import database_address


@dataclass(frozen=True, slots=True)
class Installation:
    """What a process needs to know before it opens anything."""

    settings: Settings
    secrets: Secrets
    owner: DatabaseAddress

    @classmethod
    def find(cls, environ: Mapping[str, str], extensions: Sequence[SettingsExtension] = ()) -> Self:
        """Read the settings, with those that modules declare, and open the secrets.

        Raises:
            StartupError: a setting or the data folder cannot be used.
        """
        settings = Settings.load(environ, extensions)
        secrets = Secrets.open(settings)
        return cls(settings, secrets, database_address(settings, secrets))

    def passwords(self) -> dict[str, str]:
        """Return the password of each login role, by its purpose."""
        return {purpose: self.secrets.database_password(purpose) for purpose in LOGIN_PURPOSES}

    def role(self, purpose: str) -> dict[str, Any]:
        """Return the connection arguments of a login role: app, system or simulator."""
        user = login_role(self.owner.database, purpose)
        return self.owner.as_role(user, self.secrets.database_password(purpose)).connect_arguments()

    def key(self, purpose: str) -> bytes:
        """Derive a key for one purpose from the master key, so that no two uses share one.

        Source: HKDF-Expand with HMAC-SHA256 (RFC 5869) for one block.
        """
        return hmac.new(self.secrets.master_key, purpose.encode() + b"\x01", hashlib.sha256).digest()

    @property
    def pool_limits(self) -> PoolLimits:
        """How long anything may wait for the database."""
        database = self.settings.database
        return PoolLimits(
            size=database.pool_size,
            wait_seconds=database.pool_wait_seconds,
            statement_seconds=database.statement_timeout_seconds,
            lock_seconds=database.lock_timeout_seconds,
        )

    async def open_database(self) -> Database:
        """Open the application's and the system's pool."""
        return await Database.open(
            self.role("app"),
            self.role("system"),
            self.pool_limits,
            system_size=self.settings.database.system_pool_size,
        )
