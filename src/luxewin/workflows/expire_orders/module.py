"""The manifest of the workflow."""

from collections.abc import Sequence

from luxewin.kit.database import Database
from luxewin.kit.jobs import Job
from luxewin.kit.manifest import Module
from luxewin.kit.services import Services
from luxewin.modules.payments.public import Gateways
from luxewin.modules.tenants.public import Directory
from luxewin.workflows.expire_orders.workflow import expire_due_orders


def _jobs(services: Services) -> Sequence[Job]:
    database, directory, gateways = services[Database], services[Directory], services[Gateways]

    async def expire_everywhere() -> None:
        for tenant in await directory.all():
            await expire_due_orders(database, tenant, gateways)

    return [Job("expire orders", 2, expire_everywhere)]


MODULE = Module(jobs=_jobs)
