"""The manifest of the workflow."""

from collections.abc import Sequence

from luxewin.kit.database import Database
from luxewin.kit.jobs import Job
from luxewin.kit.manifest import Module
from luxewin.kit.services import Services
from luxewin.modules.raffles.public import ConfiguredAnchors
from luxewin.modules.tenants.public import Directory
from luxewin.workflows.anchor_raffle.jobs import anchor_everywhere


def _jobs(services: Services) -> Sequence[Job]:
    anchors = services[ConfiguredAnchors].anchors
    if anchors is None:
        return []
    database, directory = services[Database], services[Directory]
    return [Job("anchor raffles", 2, lambda: anchor_everywhere(database, directory, anchors))]


MODULE = Module(jobs=_jobs)
