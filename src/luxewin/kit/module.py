"""The manifest of the kit: the event log and the audit log."""

from collections.abc import Sequence

from luxewin.kit.database import Database
from luxewin.kit.http import logs
from luxewin.kit.jobs import AN_HOUR_SECONDS, Job
from luxewin.kit.manifest import Module
from luxewin.kit.messaging.metrics import measure_events
from luxewin.kit.request_counts import delete_old_counts
from luxewin.kit.retention import delete_old_keys
from luxewin.kit.sealing import AUDIT_CHAIN
from luxewin.kit.services import Services
from luxewin.kit.statistics import ANALYSE_EVERY_SECONDS, analyse_growing_tables


def _jobs(services: Services) -> Sequence[Job]:
    database = services[Database]
    return [
        Job("forget old keys", AN_HOUR_SECONDS, lambda: delete_old_keys(database)),
        Job("forget old request counts", AN_HOUR_SECONDS, lambda: delete_old_counts(database)),
        Job("analyse growing tables", ANALYSE_EVERY_SECONDS, lambda: analyse_growing_tables(database), quiet=True),
    ]


MODULE = Module(
    tags={
        "events": "The event log: every published domain event, in order and without a gap.",
        "audit": "Who changed what, and when.",
    },
    routers=[logs.router],
    jobs=_jobs,
    chains=[AUDIT_CHAIN],
    append_only=["kit_audit", "kit_event_log"],
    measurements=[measure_events],
)
