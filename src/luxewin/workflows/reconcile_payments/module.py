"""The manifest of the workflow."""

from collections.abc import Sequence

from luxewin.kit.database import Database
from luxewin.kit.jobs import Job
from luxewin.kit.manifest import Module
from luxewin.kit.services import Services
from luxewin.modules.payments.public import Gateways
from luxewin.modules.tenants.public import Directory
from luxewin.workflows.reconcile_payments.workflow import (
    apply_due_webhooks,
    finish_due_refunds,
    resolve_due_attempts,
)


def _jobs(services: Services) -> Sequence[Job]:
    database, directory, gateways = services[Database], services[Directory], services[Gateways]
    return [
        Job("resolve payments", 1, lambda: resolve_due_attempts(database, directory, gateways)),
        Job("finish refunds", 1, lambda: finish_due_refunds(database, directory, gateways)),
        Job("apply webhooks", 1, lambda: apply_due_webhooks(database, directory, gateways)),
    ]


MODULE = Module(jobs=_jobs)
