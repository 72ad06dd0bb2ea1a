"""`luxewin events …`: what a listener could not handle, and another try."""

from rich.console import Console
from rich.table import Table

from luxewin.cli.database import open_database
from luxewin.kit.messaging.listeners import dead_letters, replay
from luxewin.modules.tenants.public import Directory
from luxewin.runtime.installation import Installation
from luxewin.worker import LISTENERS

console = Console(highlight=False)


async def show_dead_letters(installation: Installation) -> None:
    """List parked events, oldest first."""
    async with open_database(installation) as database:
        rows = await dead_letters(database)
    table = Table("tenant", "listener", "sequence", "tries", "parked at", "error")
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    console.print(table if rows else "No event is parked")


async def replay_dead_letters(installation: Installation, slug: str | None) -> bool:
    """Handle parked events again; tell whether none remains."""
    remaining = 0
    async with open_database(installation) as database:
        for tenant in await Directory(database).all():
            for listener in LISTENERS:
                if slug in {None, tenant.slug}:
                    handled, stuck = await replay(database, tenant, listener)
                    remaining += stuck
                    if handled or stuck:
                        console.print(f"{tenant.slug}, {listener.name}: {handled} handled, {stuck} remain parked")
    if not remaining:
        console.print("No event is parked")
    return remaining == 0
