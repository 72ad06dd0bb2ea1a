"""Anchoring the raffles of all tenants."""

from luxewin.kit.database import Database
from luxewin.modules.raffles import public as raffles
from luxewin.modules.raffles.public import Anchors
from luxewin.modules.tenants.public import Directory
from luxewin.workflows.anchor_raffle.workflow import anchor_due_raffles


async def anchor_everywhere(database: Database, directory: Directory, anchors: Anchors) -> None:
    """Advance the anchors of every tenant's raffles by one step."""
    async with database.system() as connection:
        busy = set(await raffles.tenants_with_pending_anchors(connection))
    for tenant in await directory.all() if busy else ():
        if tenant.id in busy:
            await anchor_due_raffles(database, tenant, anchors)
