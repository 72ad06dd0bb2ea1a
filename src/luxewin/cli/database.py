"""The installation's database at hand, for commands: joined where the program runs, started where it does not."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from rich.console import Console

from luxewin.kit.database import Database
from luxewin.kit.startup import StartupError
from luxewin.runtime.installation import Installation
from luxewin.runtime.postgres.layout import Layout
from luxewin.runtime.postgres.staging import refuse_half_restored

console = Console(highlight=False, stderr=True)
NOTHING_HERE = "There is nothing here yet: start it first, with `make run` or `luxewin start`"


@asynccontextmanager
async def open_database(installation: Installation) -> AsyncIterator[Database]:
    """Open the installation's pools while the block runs; a command never makes an installation.

    Raises:
        StartupError: nothing has been started here, or it was never migrated.
    """
    refuse_half_restored(installation.settings)
    is_embedded = installation.settings.database.address is None
    if is_embedded and not Layout.of(installation.settings.data_dir).cluster.exists():
        raise StartupError(NOTHING_HERE)
    async with installation.database_server(report=console.print, join=True):
        try:
            database = await installation.open_database()
        except (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError) as error:
            raise StartupError(NOTHING_HERE) from error
        try:
            yield database
        finally:
            await database.close()
