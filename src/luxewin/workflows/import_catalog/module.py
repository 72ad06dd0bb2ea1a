"""The manifest of the workflow."""

from collections.abc import Sequence

from luxewin.kit.crash_points import begin_operation
from luxewin.kit.database import Database
from luxewin.kit.jobs import Job
from luxewin.kit.manifest import Module
from luxewin.kit.services import Services
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.tenants.public import Directory
from luxewin.workflows.import_catalog.turns import AT_ONCE, Turns
from luxewin.workflows.import_catalog.workflow import WORK_CHANNEL, run_due_import

_EVERY_SECONDS = 2.0
"""The interval between checks for due imports when there is no notification."""
_OTHERS_EVERY_SECONDS = 15.0
"""The same for the jobs that only matter while another import is running."""


def _jobs(services: Services) -> Sequence[Job]:
    database, directory = services[Database], services[Directory]

    turns = Turns()

    async def run_one(tenant: Tenancy) -> bool:
        begin_operation(lambda: "import")  # the same for each of the jobs
        return await run_due_import(database, tenant)

    async def run_everywhere() -> None:
        await turns.run(await directory.all(), run_one)

    first = Job("import", _EVERY_SECONDS, run_everywhere, channel=WORK_CHANNEL)
    others = [
        Job(f"import {number}", _OTHERS_EVERY_SECONDS, run_everywhere, channel=WORK_CHANNEL)
        for number in range(2, AT_ONCE + 1)
    ]
    return [first, *others]


MODULE = Module(jobs=_jobs)
