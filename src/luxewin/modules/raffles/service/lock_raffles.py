"""Closing raffles and locking their lists of entries; each step can be repeated."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.raffles.domain.draws import Lock, Schedule, receipt_of
from luxewin.modules.raffles.domain.encoding import Json, canonical
from luxewin.modules.raffles.domain.raffles import Raffle, RaffleStatus
from luxewin.modules.raffles.errors import RaffleChanged
from luxewin.modules.raffles.events import RaffleLocked
from luxewin.modules.raffles.repository import draws
from luxewin.modules.raffles.repository import raffles as repository
from luxewin.modules.raffles.service.cancel_raffles import cancel_raffle
from luxewin.modules.raffles.service.read_raffles import rules_of
from luxewin.modules.raffles.service.secrets import RaffleSecrets
from luxewin.modules.raffles.service.signing import sign

NO_ENTRIES = "nobody had entered when it closed"
TOO_LATE = "its list was not locked before the round that would have drawn"


async def close_raffle(tx: Transaction, raffle_id: UUID) -> Schedule | None:
    """Stop the sales of a raffle that has closed, and return its schedule; None if it is not open or has not closed.

    Repeating it changes nothing. The row lock serialises it with a rescheduling of the same raffle.
    """
    await repository.lock_row(tx, raffle_id)
    raffle = (await repository.find(tx, [raffle_id]))[raffle_id]
    if raffle.status is not RaffleStatus.OPEN or not raffle.has_closed(await tx.now()):
        return None
    tx.write(draws.stop_sales(tx, raffle_id))
    return Schedule.of(await rules_of(tx, raffle_id))


async def lock_raffle(
    tx: Transaction, raffle: Raffle, rules: Json, *, disputed_orders: Sequence[UUID], secrets: RaffleSecrets
) -> None:
    """Lock the list of entries and sign its receipt; cancel the raffle if it has no entries or its round is due.

    Tickets of orders whose payment is disputed are left out of the list: docs/lw1.md.

    Raises:
        RaffleChanged: a payment is pending, the raffle was rescheduled, or another transaction changed it first.
    """
    await repository.lock_row(tx, raffle.id)
    counts = await draws.lock_counter(tx, raffle.id)
    if counts.held or not raffle.has_closed(await tx.now()):
        raise RaffleChanged
    now = int((await tx.now()).timestamp())
    if now >= Schedule.of(rules).draws_at:
        await cancel_raffle(tx, raffle, reason=TOO_LATE if counts.valid else NO_ENTRIES)
        return
    tx.write(draws.leave_out_disputed(tx, raffle.id, disputed_orders))
    await tx.flush()
    entries = await draws.entries(tx, raffle.id)
    if not entries:
        await cancel_raffle(tx, raffle, reason=NO_ENTRIES)
        return
    receipt = await asyncio.to_thread(receipt_of, raffle.id, rules, entries, locked_at=now)
    lock = Lock(receipt, await sign(tx, rules, canonical(receipt.document()), secrets=secrets))
    tx.write(
        draws.lock_list(tx, raffle.id),
        draws.add_lock(tx, lock, rules_version=rules["version"]),
        repository.transition(tx, raffle, RaffleStatus.LOCKED),
    )
    tx.audit("raffles.locked", target=raffle.id, after=receipt.document())
    tx.publish(
        RaffleLocked(
            aggregate_id=raffle.id,
            aggregate_version=raffle.version + 1,
            receipt_hash=receipt.hash.hex(),
            entries=receipt.entries,
        )
    )
