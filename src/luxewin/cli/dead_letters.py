"""`luxewin events …`: list dead-lettered events, and handle them again."""

from rich.console import Console
from rich.table import Table

from luxewin.cli.database import open_database
from luxewin.kit.messaging.listeners import dead_letters, replay
from luxewin.modules.tenants.public import Directory
from luxewin.runtime.installation import Installation
from luxewin.worker import LISTENERS

console = Console(highlight=False)


async def show_dead_letters(installation: Installation) -> None:
    """List the dead-lettered events, oldest first."""
    async with open_database(installation) as database:
        rows = await dead_letters(database)
    table = Table("tenant", "listener", "sequence", "attempts", "since", "error")
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    console.print(table if rows else "There are no dead-lettered events")


async def replay_dead_letters(installation: Installation, slug: str | None) -> bool:
    """Handle dead-lettered events again; return whether none remains."""
    remaining = 0
    async with open_database(installation) as database:
        for tenant in await Directory(database).all():
            for listener in LISTENERS:
                if slug in {None, tenant.slug}:
                    handled, failed = await replay(database, tenant, listener)
                    remaining += failed
                    if handled or failed:
                        console.print(f"{tenant.slug}, {listener.name}: {handled} handled, {failed} failed again")
    if not remaining:
        console.print("There are no dead-lettered events")
    return remaining == 0
