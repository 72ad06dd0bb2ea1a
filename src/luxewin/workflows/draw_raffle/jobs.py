"""Drawing and settling the raffles of all tenants."""

from luxewin.kit.database import Database
from luxewin.modules.payments.public import Gateways
from luxewin.modules.raffles import public as raffles
from luxewin.modules.raffles.public import Beacons, RaffleSecrets
from luxewin.modules.tenants.public import Directory
from luxewin.workflows.cancel_raffle.workflow import finish_cancelled_raffles
from luxewin.workflows.draw_raffle.workflow import draw_due_raffles
from luxewin.workflows.settle_raffle.workflow import settle_due_raffles


async def draw_everywhere(
    database: Database, directory: Directory, gateways: Gateways, beacons: Beacons, secrets: RaffleSecrets
) -> None:
    """Draw and settle every tenant's raffles that are due, and refund the tickets of cancelled ones."""
    async with database.system() as connection:
        busy = set(await raffles.tenants_with_due_raffles(connection))
    for tenant in await directory.all() if busy else ():
        if tenant.id in busy:
            await draw_due_raffles(database, tenant, gateways, beacons, secrets)
            await finish_cancelled_raffles(database, tenant, gateways)
            await settle_due_raffles(database, tenant)
