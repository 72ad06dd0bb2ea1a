"""What everybody may read of a draw: receipt and entries from the lock on, winners and proof from the draw on."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.raffles.beacons.signatures import verifies
from luxewin.modules.raffles.domain.bundles import entries_document
from luxewin.modules.raffles.domain.cancelling import drawn_numbers
from luxewin.modules.raffles.domain.claims import Winner
from luxewin.modules.raffles.domain.draws import Lock, stored_bundle
from luxewin.modules.raffles.domain.encoding import Json
from luxewin.modules.raffles.domain.entries import Entries
from luxewin.modules.raffles.domain.raffles import RaffleStatus
from luxewin.modules.raffles.domain.recomputing import is_bound, winning_numbers
from luxewin.modules.raffles.errors import NotDrawn, NotLocked
from luxewin.modules.raffles.repository import claims, draws
from luxewin.modules.raffles.repository import raffles as repository


async def receipt(tx: Transaction, raffle_id: UUID) -> Lock:
    """Return the receipt of a locked raffle.

    Raises:
        NotLocked: it is not locked yet.
    """
    lock = await draws.lock_of(tx, raffle_id)
    if lock is None:
        raise NotLocked
    return lock


async def entries(tx: Transaction, raffle_id: UUID) -> Json:
    """Return the locked list: ranges of numbers, and their commitments in one string."""
    await receipt(tx, raffle_id)
    found = await draws.entries(tx, raffle_id)
    return await asyncio.to_thread(entries_document, found)


async def winners(tx: Transaction, raffle_id: UUID) -> list[Winner]:
    """Return who won, and what became of it.

    Raises:
        NotDrawn: it is not drawn yet.
    """
    found = await claims.winners(tx, raffle_id)
    if not found:
        raise NotDrawn
    return found


async def proof(tx: Transaction, raffle_id: UUID, *, with_entries: bool = True) -> dict[str, Any]:
    """Return the proof bundle, exactly as it was signed at the draw; without its entries it is small.

    Raises:
        NotDrawn: it is not drawn yet.
    """
    draw = await draws.draw_of(tx, raffle_id)
    if draw is None:
        raise NotDrawn
    lock = await receipt(tx, raffle_id)
    rules = (await repository.rules_of(tx, [raffle_id]))[raffle_id]
    if not with_entries:
        bundle = stored_bundle(rules, Entries(), lock, draw)
        return {name: part for name, part in bundle.items() if name != "entries"}
    found = await draws.entries(tx, raffle_id)
    return await asyncio.to_thread(stored_bundle, rules, found, lock, draw)


async def first_wrong_draw(tx: Transaction) -> UUID | None:
    """Recompute every draw of the tenant from its public proof, and return the first whose winners are others."""
    raffle_id: UUID | None = None
    while (raffle_id := await draws.drawn_after(tx, raffle_id)) is not None:
        given = await proof(tx, raffle_id)
        raffle = (await repository.find(tx, [raffle_id]))[raffle_id]
        is_shown_only = raffle.status is RaffleStatus.CANCELLED
        noted = drawn_numbers(given["outcome"]) if is_shown_only else await draws.drawn_numbers(tx, raffle_id)
        if not await asyncio.to_thread(_holds, given, noted):
            return raffle_id
    return None


def _holds(given: Json, noted: Sequence[int]) -> bool:
    beacon = given["rules"][-1]["beacon"]
    signature = bytes.fromhex(given["beacon"]["signature"])
    return (
        verifies(bytes.fromhex(beacon["public_key"]), given["beacon"]["round"], signature)
        and is_bound(given)
        and winning_numbers(given) == noted
    )
