"""`luxewin migration NAME`: draft a migration from the difference between the models and the newest revision."""

from pathlib import Path

from rich.console import Console

from luxewin.migrations.checking import faults
from luxewin.migrations.driving import draft, revisions
from luxewin.migrations.migrating import migrate
from luxewin.migrations.tables import all_tables
from luxewin.runtime.installation import Installation

console = Console(highlight=False)


async def draft_migration(installation: Installation, name: str) -> None:
    """Write the draft to the folder of migrations; it must be reviewed, and often corrected, before it is committed."""
    all_tables()
    owner = installation.owner.connect_arguments()
    async with installation.database_server(report=console.print, join=True):
        await migrate(owner, installation.logins(), report=console.print)
        path: Path = await draft(owner, name)
    console.print(f"Drafted {path}: review and correct it, and run the tests")
    drafted = next(revision for revision in revisions() if Path(revision.path) == path)
    for fault in faults(drafted):
        console.print(f"It would block requests: {fault}", soft_wrap=True, markup=False)
