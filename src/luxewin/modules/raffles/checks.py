"""The checks that recompute every draw and the hash of every promise."""

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.invariants import Violation
from luxewin.kit.services import Services
from luxewin.kit.transaction import Transaction
from luxewin.modules.raffles.service.prove_draws import find_changed_details, find_invalid_draw
from luxewin.modules.tenants.public import Directory

DRAWS = "Every draw recomputes from its public proof to the winners that were recorded"
DETAILS = "What buyers of a raffle are promised beside its rules has the hash that the rules name"


async def find_wrong_draws(services: Services) -> Sequence[Violation]:
    """Return each tenant's first raffle whose recorded winners do not follow from its public proof."""
    return await _of_each_tenant(services, DRAWS, find_invalid_draw)


async def find_wrong_details(services: Services) -> Sequence[Violation]:
    """Return each tenant's first raffle whose description, prizes, days to claim or question were changed."""
    return await _of_each_tenant(services, DETAILS, find_changed_details)


async def _of_each_tenant(
    services: Services, statement: str, find: Callable[[Transaction], Awaitable[UUID | None]]
) -> Sequence[Violation]:
    database, found = services[Database], []
    for tenant in await services[Directory].all():
        raffle_id = await database.run(tenant, SYSTEM, find)
        if raffle_id is not None:
            found.append(Violation(statement, {"tenant": tenant.slug, "raffle_id": raffle_id}))
    return found
