"""Jobs of identity."""

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.modules.identity.service.sessions import delete_expired
from luxewin.modules.tenants.public import Directory


async def delete_expired_everywhere(database: Database, directory: Directory) -> None:
    """Delete the expired sessions, events and attempts of every tenant."""
    for tenant in await directory.all():
        async with database.begin(tenant, SYSTEM) as tx:
            delete_expired(tx)
