"""What everybody may see of a raffle at once, for pages: everything that is shown of it is in its public proof too."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.raffles.domain.cancelling import Cancellation
from luxewin.modules.raffles.domain.draws import Lock
from luxewin.modules.raffles.domain.encoding import Json
from luxewin.modules.raffles.domain.raffles import PUBLIC, Raffle, RaffleStatus
from luxewin.modules.raffles.errors import CancellationUnknown, NotDrawn, RaffleUnknown
from luxewin.modules.raffles.repository import draws, pieces
from luxewin.modules.raffles.repository import raffles as repository
from luxewin.modules.raffles.service import keep_raffles, prove_draws
from luxewin.modules.raffles.service.cancel_locked import cancellation_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRaffle:
    """A raffle as strangers see it: receipt from the lock on, proof (without entries) and winners later.

    Of one that two people have cancelled after its lock: their decision, and the outcome that nobody has won.
    """

    raffle: Raffle
    versions: Sequence[Json]
    lock: Lock | None
    proof: Json | None
    winners: Sequence[Json]
    cancellation: Cancellation | None
    prevented: Json | None
    now: datetime

    @property
    def rules(self) -> Json:
        """The rules in force: the newest version."""
        return self.versions[-1]


async def show_raffle(tx: Transaction, raffle_id: UUID) -> ShownRaffle:
    """Return what there is to see of a raffle.

    Raises:
        RaffleUnknown: there is none with this id, or it is a draft.
    """
    raffle = await keep_raffles.find_raffle(tx, raffle_id)
    if raffle.status not in PUBLIC:
        raise RaffleUnknown
    versions = (await repository.rules_of(tx, [raffle_id]))[raffle_id]
    lock = await draws.lock_of(tx, raffle_id)
    cancellation, prevented = None, None
    if lock is not None and raffle.status is RaffleStatus.CANCELLED:
        cancellation, prevented = await _cancelled(tx, raffle_id)
    return ShownRaffle(
        raffle=raffle,
        versions=versions,
        lock=lock,
        proof=None if lock is None else await _proof(tx, raffle_id),
        winners=[] if lock is None else await pieces.drawn_places(tx, raffle_id),
        cancellation=cancellation,
        prevented=prevented,
        now=await tx.now(),
    )


async def show_raffles(tx: Transaction, *, before: UUID | None, limit: int) -> list[Raffle]:
    """Return raffles that everybody may see, newest first, from behind one of them on.

    Raises:
        RaffleUnknown: the one to begin behind does not exist.
    """
    place = None
    if before is not None:
        place = (await keep_raffles.find_raffle(tx, before)).created_at, before
    return await repository.page(tx, statuses=sorted(PUBLIC), before=place, limit=limit)


async def show_entries_after(tx: Transaction, raffle_id: UUID, after: int, *, limit: int) -> list[tuple[int, bytes]]:
    """Return locked entries whose numbers follow one: number and what it commits to.

    Raises:
        NotLocked: the list is not locked yet.
    """
    await prove_draws.receipt(tx, raffle_id)
    return await pieces.entries_after(tx, raffle_id, after, limit=limit)


async def _cancelled(tx: Transaction, raffle_id: UUID) -> tuple[Cancellation | None, Json | None]:
    try:
        decision, outcome = await cancellation_of(tx, raffle_id)
    except CancellationUnknown:  # one that was locked too late is cancelled without anybody's decision
        return None, None
    return (decision, outcome) if decision.is_confirmed else (None, None)


async def _proof(tx: Transaction, raffle_id: UUID) -> Json | None:
    try:
        return await prove_draws.proof(tx, raffle_id, with_entries=False)
    except NotDrawn:
        return None
