"""The database for commands: the running one, or one that is started for the command."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from rich.console import Console

from luxewin.kit.database import Database
from luxewin.kit.startup import StartupError
from luxewin.runtime.installation import Installation
from luxewin.runtime.postgres.layout import Layout
from luxewin.runtime.postgres.staging import refuse_interrupted_restore

console = Console(highlight=False, stderr=True)
NO_INSTALLATION = "There is no installation here: start LuxeWin once, with `make run` or `luxewin start`"


@asynccontextmanager
async def open_database(installation: Installation) -> AsyncIterator[Database]:
    """Open the connection pools for the duration of the block; commands never create an installation.

    Raises:
        StartupError: there is no installation, or it was never migrated.
    """
    refuse_interrupted_restore(installation.settings)
    is_embedded = installation.settings.database.address is None
    if is_embedded and not Layout.of(installation.settings.data_dir).cluster.exists():
        raise StartupError(NO_INSTALLATION)
    async with installation.database_server(report=console.print, join=True):
        try:
            database = await installation.open_database()
        except (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError) as error:
            raise StartupError(NO_INSTALLATION) from error
        try:
            yield database
        finally:
            await database.close()
