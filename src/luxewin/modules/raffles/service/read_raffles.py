"""Reading raffles."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.raffles.domain.encoding import Json
from luxewin.modules.raffles.domain.raffles import Raffle, RaffleStatus
from luxewin.modules.raffles.errors import NotDrawn, RaffleUnknown
from luxewin.modules.raffles.repository import raffles as repository


@dataclass(frozen=True, slots=True)
class RaffleDetails:
    """A raffle with all versions of its rules, oldest first; a draft has none."""

    raffle: Raffle
    rules: Sequence[Json]


async def find_raffle(tx: Transaction, raffle_id: UUID) -> Raffle:
    """Return a raffle.

    Raises:
        RaffleUnknown: there is no raffle with this id, or it was deleted.
    """
    raffle = (await repository.find(tx, [raffle_id])).get(raffle_id)
    if raffle is None or raffle.status is RaffleStatus.DELETED:
        raise RaffleUnknown
    return raffle


async def rules_of(tx: Transaction, raffle_id: UUID) -> Json:
    """Return the newest version of a raffle's rules."""
    return (await repository.rules_of(tx, [raffle_id]))[raffle_id][-1]


async def details_of(tx: Transaction, raffle: Raffle) -> RaffleDetails:
    """Return a raffle together with its rules."""
    return RaffleDetails(raffle, (await repository.rules_of(tx, [raffle.id]))[raffle.id])


async def list_raffles(
    tx: Transaction, *, statuses: Sequence[RaffleStatus], before: tuple[datetime, UUID] | None, limit: int
) -> list[RaffleDetails]:
    """Return a page of raffles in these statuses, newest first."""
    page = await repository.page(tx, statuses=statuses, before=before, limit=limit)
    rules = await repository.rules_of(tx, [raffle.id for raffle in page])
    return [RaffleDetails(raffle, rules[raffle.id]) for raffle in page]


def must_be_drawn(raffle: Raffle) -> Raffle:
    """Return the raffle if its prizes can be claimed.

    Raises:
        NotDrawn: it is not drawn.
    """
    if raffle.status not in {RaffleStatus.DRAWN, RaffleStatus.SETTLED}:
        raise NotDrawn
    return raffle
