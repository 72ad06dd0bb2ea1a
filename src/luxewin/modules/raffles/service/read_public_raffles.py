"""Raffles as everybody may see them; the pages of raffles are rendered from this."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.raffles.domain.cancellations import Cancellation
from luxewin.modules.raffles.domain.draws import Lock
from luxewin.modules.raffles.domain.encoding import Json
from luxewin.modules.raffles.domain.raffles import PUBLIC, Raffle, RaffleStatus
from luxewin.modules.raffles.errors import CancellationUnknown, NotDrawn, RaffleUnknown
from luxewin.modules.raffles.repository import claims, draws, entries
from luxewin.modules.raffles.repository import raffles as repository
from luxewin.modules.raffles.service import prove_draws, read_raffles
from luxewin.modules.raffles.service.cancel_locked_raffles import cancellation_of


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicRaffle:
    """The public data of a raffle: `versions` of its rules (oldest first), its receipt, its proof without entries.

    If two people cancelled it after its lock: their decision, and in `prevented` the outcome of its hypothetical draw.
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
        """The current rules: the newest version."""
        return self.versions[-1]


async def find_public_raffle(tx: Transaction, raffle_id: UUID) -> PublicRaffle:
    """Return the public data of a raffle.

    Raises:
        RaffleUnknown: there is no raffle with this id, or it is not public.
    """
    raffle = await read_raffles.find_raffle(tx, raffle_id)
    if raffle.status not in PUBLIC:
        raise RaffleUnknown
    versions = (await repository.rules_of(tx, [raffle_id]))[raffle_id]
    lock = await draws.lock_of(tx, raffle_id)
    cancellation, prevented = None, None
    if lock is not None and raffle.status is RaffleStatus.CANCELLED:
        cancellation, prevented = await _confirmed_cancellation(tx, raffle_id)
    return PublicRaffle(
        raffle=raffle,
        versions=versions,
        lock=lock,
        proof=None if lock is None else await _proof(tx, raffle_id),
        winners=[] if lock is None else await claims.drawn_tickets(tx, raffle_id),
        cancellation=cancellation,
        prevented=prevented,
        now=await tx.now(),
    )


async def list_public_raffles(tx: Transaction, *, before: UUID | None, limit: int) -> list[Raffle]:
    """Return public raffles, newest first; `before` is the id of the last raffle of the previous page.

    Raises:
        RaffleUnknown: there is no raffle with the id `before`.
    """
    cursor = None
    if before is not None:
        cursor = (await read_raffles.find_raffle(tx, before)).created_at, before
    return await repository.page(tx, statuses=sorted(PUBLIC), before=cursor, limit=limit)


async def list_entries_after(tx: Transaction, raffle_id: UUID, after: int, *, limit: int) -> list[tuple[int, bytes]]:
    """Return locked entries (number and commit) with numbers above `after`, at most `limit`.

    Raises:
        NotLocked: the list is not locked.
    """
    await prove_draws.receipt(tx, raffle_id)
    return await entries.entries_after(tx, raffle_id, after, limit=limit)


async def _confirmed_cancellation(tx: Transaction, raffle_id: UUID) -> tuple[Cancellation | None, Json | None]:
    try:
        cancellation, outcome = await cancellation_of(tx, raffle_id)
    except CancellationUnknown:  # a missed anchor cancels a locked raffle without a decision of two people
        return None, None
    return (cancellation, outcome) if cancellation.is_confirmed else (None, None)


async def _proof(tx: Transaction, raffle_id: UUID) -> Json | None:
    try:
        return await prove_draws.proof(tx, raffle_id, with_entries=False)
    except NotDrawn:
        return None
