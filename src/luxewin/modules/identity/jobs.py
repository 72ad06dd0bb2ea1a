"""Regular work on accounts."""

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.modules.identity.service.keep_sessions import forget_expired
from luxewin.modules.tenants.public import Directory


async def forget_everywhere(database: Database, directory: Directory) -> None:
    """Delete every tenant's sessions that ended long ago."""
    for tenant in await directory.all():
        async with database.begin(tenant, SYSTEM) as tx:
            forget_expired(tx)
