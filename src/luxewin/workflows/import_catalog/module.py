"""The manifest of the workflow."""

from collections.abc import Sequence

from luxewin.kit.database import Database
from luxewin.kit.jobs import Job
from luxewin.kit.manifest import Module
from luxewin.kit.services import Services
from luxewin.modules.tenants.public import Directory
from luxewin.workflows.import_catalog.workflow import WORK_CHANNEL, run_due_imports

_EVERY_SECONDS = 2.0
"""The interval between checks for due imports when there is no notification."""


def _jobs(services: Services) -> Sequence[Job]:
    database, directory = services[Database], services[Directory]

    async def run_everywhere() -> None:
        for tenant in await directory.all():
            await run_due_imports(database, tenant)

    return [Job("import", _EVERY_SECONDS, run_everywhere, channel=WORK_CHANNEL)]


MODULE = Module(jobs=_jobs)
