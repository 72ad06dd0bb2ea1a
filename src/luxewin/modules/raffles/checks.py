"""The check that recomputes every draw."""

from collections.abc import Sequence

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.invariants import Violation
from luxewin.kit.services import Services
from luxewin.modules.raffles.service.prove_draws import find_invalid_draw
from luxewin.modules.tenants.public import Directory

DRAWS = "Every draw recomputes from its public proof to the winners that were recorded"


async def find_wrong_draws(services: Services) -> Sequence[Violation]:
    """Return each tenant's first raffle whose recorded winners do not follow from its public proof."""
    database, found = services[Database], []
    for tenant in await services[Directory].all():
        raffle_id = await database.run(tenant, SYSTEM, find_invalid_draw)
        if raffle_id is not None:
            found.append(Violation(DRAWS, {"tenant": tenant.slug, "raffle_id": raffle_id}))
    return found
