"""From the lock to the draw. Each step is one transaction, and finds out for itself how far the raffle has come."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from luxewin.kit.money import Money
from luxewin.kit.transaction import Transaction
from luxewin.modules.ledger import public as ledger
from luxewin.modules.ledger.public import AccountKind, Entry, Transfer
from luxewin.modules.raffles.beacons.protocol import Heard
from luxewin.modules.raffles.domain.bundles import outcome_document, signed_over
from luxewin.modules.raffles.domain.claims import claim_by
from luxewin.modules.raffles.domain.draws import (
    Draw,
    Lock,
    Schedule,
    bundle_of,
    outcome_of,
    receipt_of,
    revealed_by,
    seed_for,
)
from luxewin.modules.raffles.domain.encoding import Json, canonical
from luxewin.modules.raffles.domain.entries import Entries
from luxewin.modules.raffles.domain.merkle import root_of_entries
from luxewin.modules.raffles.domain.outcome import Outcome
from luxewin.modules.raffles.domain.raffles import Raffle, RaffleStatus
from luxewin.modules.raffles.domain.tickets import SALT_BYTES, split
from luxewin.modules.raffles.errors import ListChanged, RaffleChanged
from luxewin.modules.raffles.events import DrawShown, RaffleCancelled, RaffleDrawn, RaffleLocked, RaffleVoided
from luxewin.modules.raffles.repository import cancellations, claims, draws
from luxewin.modules.raffles.repository import raffles as repository
from luxewin.modules.raffles.service.hold_prizes import released_prizes
from luxewin.modules.raffles.service.secrets import RaffleSecrets

NOBODY_ENTERED = "nobody had entered when it closed"
TOO_LATE = "its list was not locked before the round that would have drawn"


class _Decided(NamedTuple):
    """A draw, as it is kept, with what follows from it."""

    draw: Draw
    outcome: Outcome
    entries: Entries


async def busy_tenants(connection: Any) -> list[UUID]:
    """Return the tenants that have raffles which go on, or purchases to give back; for the system's role."""
    return await draws.busy_tenants(connection)


async def due_raffles(tx: Transaction, *, limit: int) -> list[UUID]:
    """Return raffles that have something to do by time."""
    return await draws.due(tx, limit=limit)


async def due_cancelled(tx: Transaction, *, limit: int) -> list[UUID]:
    """Return cancelled raffles that have not ended all their purchases."""
    return await draws.due_cancelled(tx, limit=limit)


async def rules_of(tx: Transaction, raffle_id: UUID) -> Json:
    """Return a raffle's newest rules."""
    return (await repository.rules_of(tx, [raffle_id]))[raffle_id][-1]


async def close_raffle(tx: Transaction, raffle_id: UUID) -> Schedule | None:
    """Let nobody order any more once a raffle has closed, and return the moments of its draw; else None.

    Doing it again changes nothing. Whoever postpones it at this moment comes before or after.
    """
    await repository.keep_still(tx, raffle_id)
    raffle = (await repository.find(tx, [raffle_id]))[raffle_id]
    if raffle.status is not RaffleStatus.OPEN or not raffle.has_closed(await tx.now()):
        return None
    tx.write(draws.stop_selling(tx, raffle_id))
    return Schedule.of(await rules_of(tx, raffle_id))


async def lock_raffle(tx: Transaction, raffle: Raffle, rules: Json, *, secrets: RaffleSecrets) -> None:
    """Close the list of entries and sign a receipt for it; a list of nothing, or one that comes late, is cancelled.

    Raises:
        RaffleChanged: a payment is still waited for, it closes later by now, or somebody else was first.
    """
    await repository.keep_still(tx, raffle.id)
    counts = await draws.lock_counter(tx, raffle.id)
    if counts.held or not raffle.has_closed(await tx.now()):
        raise RaffleChanged
    now = int((await tx.now()).timestamp())
    if counts.valid == 0 or now >= Schedule.of(rules).draws_at:
        await cancel_raffle(tx, raffle, reason=TOO_LATE if counts.valid else NOBODY_ENTERED)
        return
    entries = await draws.entries(tx, raffle.id)
    receipt = await asyncio.to_thread(receipt_of, raffle.id, rules, entries, locked_at=now)
    lock = Lock(receipt, await _signed(tx, rules, canonical(receipt.document()), secrets))
    tx.write(
        draws.close_list(tx, raffle.id),
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


async def draw_raffle(tx: Transaction, raffle: Raffle, heard: Heard, *, secrets: RaffleSecrets) -> None:
    """Let a verified round decide a locked raffle; whoever does it, and however often, the winners are the same.

    Raises:
        ListChanged: the entries are not those that the receipt commits to; nothing is drawn, a person must look.
        RaffleChanged: somebody else was first.
    """
    draw, outcome, entries = await _decided(tx, raffle, heard, secrets)
    places = [(place, entries.holder_at(place.position)) for place in (*outcome.winners, *outcome.reserves)]
    tx.write(repository.transition(tx, raffle, RaffleStatus.DRAWN), draws.add_draw(tx, raffle.id, draw))
    until = claim_by(await tx.now(), raffle.terms.claim_days)
    tx.write(draws.add_winners(tx, raffle.id, places, claim_by=until), *await _earned(tx, raffle))
    numbers = [place.ticket.number for place in outcome.winners]
    tx.audit("raffles.drawn", target=raffle.id, after={"seed": draw.seed.hex(), "winning_numbers": numbers})
    tx.publish(RaffleDrawn(aggregate_id=raffle.id, aggregate_version=raffle.version + 1, winning_numbers=numbers))


async def is_to_be_shown(tx: Transaction, raffle: Raffle) -> bool:
    """Tell whether two people have cancelled a raffle whose draw, which nobody wins, is not made yet."""
    if raffle.status is not RaffleStatus.CANCELLED or await draws.draw_of(tx, raffle.id) is not None:
        return False
    decided = await cancellations.find(tx, raffle.id)
    return decided is not None and decided.is_confirmed


async def show_draw(tx: Transaction, raffle: Raffle, heard: Heard, *, secrets: RaffleSecrets) -> None:
    """Show for ever what a round would have given to a raffle that two people have cancelled; nobody wins.

    Raises:
        ListChanged: the entries are not those that the receipt commits to.
        RaffleChanged: somebody else was first.
    """
    draw, outcome, _ = await _decided(tx, raffle, heard, secrets)
    tx.write(repository.touch(tx, raffle), draws.add_draw(tx, raffle.id, draw))
    numbers = [place.ticket.number for place in outcome.winners]
    tx.audit("raffles.draw_shown", target=raffle.id, after={"seed": draw.seed.hex(), "would_have_won": numbers})
    tx.publish(DrawShown(aggregate_id=raffle.id, aggregate_version=raffle.version + 1, would_have_won=numbers))


async def cancel_raffle(tx: Transaction, raffle: Raffle, *, reason: str) -> None:
    """End a raffle without a draw; what was paid for it is given back by and by, and its prizes can be sold.

    Raises:
        RaffleStateForbids: its list is locked, or it has ended.
    """
    tx.write(repository.transition(tx, raffle, RaffleStatus.CANCELLED), draws.stop_selling(tx, raffle.id))
    tx.write(*await released_prizes(tx, raffle.terms.prizes))
    tx.audit("raffles.cancelled", target=raffle.id, before={"status": raffle.status}, after={"reason": reason})
    tx.publish(RaffleCancelled(aggregate_id=raffle.id, aggregate_version=raffle.version + 1, reason=reason))


async def void_raffle(tx: Transaction, raffle: Raffle, *, reason: str) -> None:
    """End a raffle whose list is locked without a winner; what stood in the list can still be read.

    Raises:
        RaffleStateForbids: it is not locked, or its receipt stands on the chain.
    """
    tx.write(repository.transition(tx, raffle, RaffleStatus.VOID), draws.reopen_list(tx, raffle.id))
    tx.audit("raffles.voided", target=raffle.id, before={"status": raffle.status}, after={"reason": reason})
    tx.publish(RaffleVoided(aggregate_id=raffle.id, aggregate_version=raffle.version + 1, reason=reason))
    await tx.flush()
    await cancel_raffle(tx, replace(raffle, status=RaffleStatus.VOID, version=raffle.version + 1), reason=reason)


async def _decided(tx: Transaction, raffle: Raffle, heard: Heard, secrets: RaffleSecrets) -> _Decided:
    assert heard.signature is not None, "a round that nobody has yet is waited for"
    rules = (await repository.rules_of(tx, [raffle.id]))[raffle.id]
    lock = await draws.lock_of(tx, raffle.id)
    assert lock is not None, "a raffle is locked with its receipt"
    entries = await draws.entries(tx, raffle.id)
    if await asyncio.to_thread(root_of_entries, raffle.id, entries) != lock.receipt.merkle_root:
        raise ListChanged
    seed = seed_for(lock.receipt, rules[-1], heard.signature)
    outcome = await _outcome(tx, seed, rules[-1], entries, raffle_id=raffle.id, secrets=secrets)
    bundle = await asyncio.to_thread(
        bundle_of, rules, entries, lock, beacon_signature=heard.signature, seed=seed, outcome=outcome
    )
    draw = Draw(
        beacon_signature=heard.signature,
        lies=[{"relay": lie.relay, "said": lie.said} for lie in heard.lies],
        seed=seed,
        positions=outcome.positions,
        outcome=outcome_document(outcome),
        bundle_signature=await _signed(tx, rules[-1], await asyncio.to_thread(signed_over, bundle), secrets),
    )
    return _Decided(draw, outcome, entries)


async def _outcome(
    tx: Transaction, seed: bytes, rules: Json, entries: Entries, *, raffle_id: UUID, secrets: RaffleSecrets
) -> Outcome:
    """Decide, find out which tickets a skip reveals, and decide again with their salts: they change nothing else."""
    skipped = await claims.confirmed_skips(tx, raffle_id)
    decide = partial(outcome_of, seed, rules, entries, raffle_id=raffle_id, skipped=skipped)
    blind = await asyncio.to_thread(decide, salts={})
    revealed = revealed_by(blind)
    if not revealed:
        return blind
    salts = await _salts(tx, raffle_id, revealed, secrets)
    return await asyncio.to_thread(decide, salts=salts)


async def _salts(tx: Transaction, raffle_id: UUID, numbers: Sequence[int], secrets: RaffleSecrets) -> dict[int, bytes]:
    wanted = set(numbers)
    opened: dict[int, bytes] = {}
    for purchase_id, first, sealed in await draws.sealed_salts_of(tx, raffle_id, numbers):
        salts = secrets.open_salts(sealed, tenant_id=tx.tenant_id, purchase_id=purchase_id)
        opened |= {
            number: salt for number, salt in enumerate(split(salts, SALT_BYTES), start=first) if number in wanted
        }
    return opened


async def _signed(tx: Transaction, rules: Json, text: bytes, secrets: RaffleSecrets) -> bytes:
    """Sign with the key that the raffle's rules name."""
    public_key = bytes.fromhex(rules["signing_key"])
    sealed = await repository.sealed_key(tx, public_key)
    return secrets.sign(text, sealed, tenant_id=tx.tenant_id, public_key=public_key)


async def _earned(tx: Transaction, raffle: Raffle) -> list[Any]:
    """Return the writes that turn what was deferred into income."""
    paid = Money(await draws.paid_minor(tx, raffle.id), raffle.terms.ticket_price.currency)
    if not paid.minor:
        return []
    entries = (
        Entry(AccountKind.RAFFLE_DEFERRED, raffle.id, paid),
        Entry(AccountKind.TICKET_INCOME, raffle.id, -paid),
    )
    return ledger.post(tx, Transfer.caused_by("raffle_drawn", raffle.id, entries))
