"""Public data of a draw: receipt and entries once it is locked, winners and proof once it is drawn."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.raffles.beacons.signatures import is_valid_signature
from luxewin.modules.raffles.domain.bundles import entries_document
from luxewin.modules.raffles.domain.cancellations import drawn_numbers
from luxewin.modules.raffles.domain.claims import Winner
from luxewin.modules.raffles.domain.draws import LeftOut, Lock, stored_bundle
from luxewin.modules.raffles.domain.encoding import Json, hash_of
from luxewin.modules.raffles.domain.entries import Entries
from luxewin.modules.raffles.domain.raffles import Raffle, RaffleStatus, details_of
from luxewin.modules.raffles.domain.recomputation import is_bound, winning_numbers
from luxewin.modules.raffles.errors import NotDrawn, NotLocked
from luxewin.modules.raffles.repository import claims, draws
from luxewin.modules.raffles.repository import raffles as repository

_PAGE = 100


async def left_out(tx: Transaction, raffle_id: UUID) -> list[LeftOut]:
    """Return the paid tickets that were left out of a locked list."""
    return await draws.left_out(tx, raffle_id)


async def receipt(tx: Transaction, raffle_id: UUID) -> Lock:
    """Return the receipt of a locked raffle.

    Raises:
        NotLocked: its list is not locked.
    """
    lock = await draws.lock_of(tx, raffle_id)
    if lock is None:
        raise NotLocked
    return lock


async def entries(tx: Transaction, raffle_id: UUID) -> Json:
    """Return the locked list in the JSON form of the bundle: ranges of numbers, and the commits in one string.

    Raises:
        NotLocked: the list is not locked.
    """
    await receipt(tx, raffle_id)
    found = await draws.entries(tx, raffle_id)
    return await asyncio.to_thread(entries_document, found)


async def winners(tx: Transaction, raffle_id: UUID) -> list[Winner]:
    """Return the drawn tickets with their prizes and statuses, in the order of the draw.

    Raises:
        NotDrawn: it is not drawn.
    """
    found = await claims.winners(tx, raffle_id)
    if not found:
        raise NotDrawn
    return found


async def proof(tx: Transaction, raffle_id: UUID, *, with_entries: bool = True) -> dict[str, Any]:
    """Return the proof bundle exactly as it was signed, with or without its `entries`.

    Raises:
        NotDrawn: it is not drawn.
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


async def find_invalid_draw(tx: Transaction) -> UUID | None:
    """Recompute every draw of the tenant from its public proof, and return the first raffle with other winners stored.

    A hypothetical draw stores no winners; its published outcome is compared instead.
    """
    raffle_id: UUID | None = None
    while (raffle_id := await draws.next_drawn_raffle(tx, raffle_id)) is not None:
        bundle = await proof(tx, raffle_id)
        raffle = (await repository.find(tx, [raffle_id]))[raffle_id]
        is_hypothetical = raffle.status is RaffleStatus.CANCELLED
        stored = drawn_numbers(bundle["outcome"]) if is_hypothetical else await draws.drawn_numbers(tx, raffle_id)
        if not await asyncio.to_thread(_is_valid, bundle, stored):
            return raffle_id
    return None


async def find_changed_details(tx: Transaction) -> UUID | None:
    """Return a raffle whose stored promises to buyers do not have the `details_hash` of its rules, if there is one.

    Raffles that were published before rules had this hash are not compared.
    """
    before: tuple[datetime, UUID] | None = None
    while raffles := await repository.page(tx, statuses=list(RaffleStatus), before=before, limit=_PAGE):
        versions = await repository.rules_of(tx, [raffle.id for raffle in raffles])
        for raffle in raffles:
            if any(_is_changed(raffle, rules) for rules in versions[raffle.id]):
                return raffle.id
        before = raffles[-1].created_at, raffles[-1].id
    return None


def _is_changed(raffle: Raffle, rules: Json) -> bool:
    promised = rules.get("details_hash")
    return promised is not None and promised != hash_of(details_of(raffle.terms)).hex()


def _is_valid(bundle: Json, stored_numbers: Sequence[int]) -> bool:
    beacon = bundle["rules"][-1]["beacon"]
    signature = bytes.fromhex(bundle["beacon"]["signature"])
    return (
        is_valid_signature(bytes.fromhex(beacon["public_key"]), bundle["beacon"]["round"], signature)
        and is_bound(bundle)
        and winning_numbers(bundle) == stored_numbers
    )
