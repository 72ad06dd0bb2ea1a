"""The manifest of the workflow."""

from collections.abc import Sequence

from luxewin.kit.database import Database
from luxewin.kit.jobs import Job
from luxewin.kit.manifest import Module
from luxewin.kit.services import Services
from luxewin.modules.payments.public import Gateways
from luxewin.modules.raffles.public import Beacons, RaffleSecrets
from luxewin.modules.tenants.public import Directory
from luxewin.workflows.draw_raffle.jobs import draw_everywhere


def _jobs(services: Services) -> Sequence[Job]:
    database, directory, gateways = services[Database], services[Directory], services[Gateways]
    beacons, secrets = services[Beacons], services[RaffleSecrets]
    return [Job("draw raffles", 1, lambda: draw_everywhere(database, directory, gateways, beacons, secrets))]


MODULE = Module(jobs=_jobs)
