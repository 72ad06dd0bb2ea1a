"""`luxewin keys …`: the keys of the installation."""

from rich.console import Console

from luxewin.kit.installation import Installation
from luxewin.kit.postgres import database_server
from luxewin.modules.identity.public import SigningKeys

console = Console(highlight=False)


async def rotate_signing_key(installation: Installation) -> None:
    """Bring in a fresh signing key; what was signed before stays good until it expires."""
    async with database_server(installation.settings, installation.secrets, tell=console.print, join=True):
        database = await installation.open_database()
        try:
            kid = await SigningKeys(database, installation.secrets.master_key).rotate()
        finally:
            await database.close()
    console.print(f"The key {kid} is announced now, and signs new access tokens in ten minutes")
