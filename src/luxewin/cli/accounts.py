"""`luxewin keys …`: the keys of the installation."""

from rich.console import Console

from luxewin.cli.database import open_database
from luxewin.modules.identity.public import SigningKeys
from luxewin.runtime.installation import Installation

console = Console(highlight=False)


async def rotate_signing_key(installation: Installation) -> None:
    """Create a new signing key; tokens that are already signed stay valid until they expire."""
    async with open_database(installation) as database:
        kid = await SigningKeys(database, installation.secrets.master_key).rotate()
    console.print(f"The key {kid} is published, and signs new access tokens in ten minutes")
