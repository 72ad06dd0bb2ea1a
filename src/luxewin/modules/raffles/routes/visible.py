"""The visibility of raffles."""

from uuid import UUID

from luxewin.kit.http.context import RequestContext
from luxewin.kit.transaction import Transaction
from luxewin.modules.raffles.domain.raffles import PUBLIC, Raffle
from luxewin.modules.raffles.errors import RaffleUnknown
from luxewin.modules.raffles.service import read_raffles


async def visible_raffle(tx: Transaction, context: RequestContext, raffle_id: UUID) -> Raffle:
    """Return a raffle that the caller may see; a draft is visible only to staff.

    Raises:
        RaffleUnknown: it does not exist, or the caller may not see it.
    """
    raffle = await read_raffles.find_raffle(tx, raffle_id)
    if raffle.status not in PUBLIC and not context.principal.is_staff:
        raise RaffleUnknown
    return raffle
