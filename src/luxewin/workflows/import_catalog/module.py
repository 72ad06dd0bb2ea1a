"""What the workflow brings to the program."""

from collections.abc import Sequence

from luxewin.kit.database import Database
from luxewin.kit.jobs import Job
from luxewin.kit.manifest import Module
from luxewin.kit.services import Services
from luxewin.modules.tenants.public import Directory
from luxewin.workflows.import_catalog.routes import router
from luxewin.workflows.import_catalog.workflow import WORK_CHANNEL, run_due_imports

_EVERY_SECONDS = 2.0
"""How often imports are looked for when no notification has announced one."""


def _jobs(services: Services) -> Sequence[Job]:
    database, directory = services[Database], services[Directory]

    async def run_everywhere() -> None:
        for tenant in await directory.all():
            await run_due_imports(database, tenant)

    return [Job("import", _EVERY_SECONDS, run_everywhere, channel=WORK_CHANNEL)]


MODULE = Module(
    tags={"imports": "Import and export of catalogues: CSV in the Shopify product format, JSONL."},
    routers=[router],
    jobs=_jobs,
)
