"""Drawing raffles: a verified round of the beacon decides a locked list of entries."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from luxewin.kit.money import Money
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write
from luxewin.modules.ledger import public as ledger
from luxewin.modules.ledger.public import AccountKind, Entry, Transfer
from luxewin.modules.raffles.beacons.protocol import BeaconRound
from luxewin.modules.raffles.domain.bundles import outcome_document, signed_content
from luxewin.modules.raffles.domain.claims import claim_by
from luxewin.modules.raffles.domain.draws import Draw, Lock, bundle_of, outcome_of, revealed_numbers, seed_for
from luxewin.modules.raffles.domain.encoding import Json
from luxewin.modules.raffles.domain.entries import Entries
from luxewin.modules.raffles.domain.merkle import root_of_entries
from luxewin.modules.raffles.domain.outcome import Outcome
from luxewin.modules.raffles.domain.raffles import Raffle, RaffleStatus
from luxewin.modules.raffles.domain.tickets import SALT_BYTES, split
from luxewin.modules.raffles.errors import ListChanged
from luxewin.modules.raffles.events import HypotheticalDrawRecorded, RaffleDrawn
from luxewin.modules.raffles.repository import cancellations, claims, draws
from luxewin.modules.raffles.repository import raffles as repository
from luxewin.modules.raffles.service.secrets import RaffleSecrets
from luxewin.modules.raffles.service.signing import sign


class _ComputedDraw(NamedTuple):
    """A draw as it is stored, with its outcome and its entries."""

    draw: Draw
    outcome: Outcome
    entries: Entries

    @property
    def winning_numbers(self) -> list[int]:
        return [award.ticket.number for award in self.outcome.winners]


async def tenants_with_due_raffles(connection: Any) -> list[UUID]:
    """Return the tenants with raffles that have not ended, or with purchases to refund; needs the system role."""
    return await draws.tenants_with_due_raffles(connection)


async def due_raffles(tx: Transaction, *, limit: int) -> list[UUID]:
    """Return raffles that are due to be closed, locked or drawn."""
    return await draws.due(tx, limit=limit)


async def draw_raffle(tx: Transaction, raffle: Raffle, beacon_round: BeaconRound, *, secrets: RaffleSecrets) -> None:
    """Draw a locked raffle by a verified round; the same round always gives the same winners.

    Raises:
        ListChanged: the entries do not match the receipt; nothing is drawn.
        RaffleChanged: (at the flush) another transaction changed the raffle first.
    """
    computed = await _compute_draw(tx, raffle, beacon_round, secrets)
    outcome = computed.outcome
    awards = [(award, computed.entries.holder_at(award.position)) for award in (*outcome.winners, *outcome.reserves)]
    tx.write(repository.transition(tx, raffle, RaffleStatus.DRAWN), draws.add_draw(tx, raffle.id, computed.draw))
    until = claim_by(await tx.now(), raffle.terms.claim_days)
    tx.write(draws.add_winners(tx, raffle.id, awards, claim_by=until), *await _income(tx, raffle))
    numbers = computed.winning_numbers
    tx.audit("raffles.drawn", target=raffle.id, after={"seed": computed.draw.seed.hex(), "winning_numbers": numbers})
    tx.publish(RaffleDrawn(aggregate_id=raffle.id, aggregate_version=raffle.version + 1, winning_numbers=numbers))


async def needs_hypothetical_draw(tx: Transaction, raffle: Raffle) -> bool:
    """Return whether two people cancelled the raffle after its lock, and its hypothetical draw is not recorded yet."""
    if raffle.status is not RaffleStatus.CANCELLED or await draws.draw_of(tx, raffle.id) is not None:
        return False
    cancellation = await cancellations.find(tx, raffle.id)
    return cancellation is not None and cancellation.is_confirmed


async def record_hypothetical_draw(
    tx: Transaction, raffle: Raffle, beacon_round: BeaconRound, *, secrets: RaffleSecrets
) -> None:
    """Record who would have won a raffle that two people cancelled after its lock; nobody wins.

    Raises:
        ListChanged: the entries do not match the receipt.
        RaffleChanged: (at the flush) another transaction changed the raffle first.
    """
    computed = await _compute_draw(tx, raffle, beacon_round, secrets)
    tx.write(repository.touch(tx, raffle), draws.add_draw(tx, raffle.id, computed.draw))
    numbers = computed.winning_numbers
    tx.audit(
        "raffles.draw_shown", target=raffle.id, after={"seed": computed.draw.seed.hex(), "would_have_won": numbers}
    )
    tx.publish(
        HypotheticalDrawRecorded(aggregate_id=raffle.id, aggregate_version=raffle.version + 1, would_have_won=numbers)
    )


async def _compute_draw(
    tx: Transaction, raffle: Raffle, beacon_round: BeaconRound, secrets: RaffleSecrets
) -> _ComputedDraw:
    signature = beacon_round.signature
    assert signature is not None, "the caller draws only when the round has a signature"
    rules = (await repository.rules_of(tx, [raffle.id]))[raffle.id]
    lock = await draws.lock_of(tx, raffle.id)
    assert lock is not None, "a locked raffle has a receipt"
    entries = await _committed_entries(tx, raffle.id, lock)
    seed = seed_for(lock.receipt, rules[-1], signature)
    outcome = await _outcome(tx, seed, rules[-1], entries, raffle_id=raffle.id, secrets=secrets)
    bundle = await asyncio.to_thread(
        bundle_of, rules, entries, lock, beacon_signature=signature, seed=seed, outcome=outcome
    )
    draw = Draw(
        beacon_signature=signature,
        invalid_answers=[{"relay": answer.relay, "said": answer.excerpt} for answer in beacon_round.invalid_answers],
        seed=seed,
        positions=outcome.positions,
        outcome=outcome_document(outcome),
        bundle_signature=await sign(tx, rules[-1], await asyncio.to_thread(signed_content, bundle), secrets=secrets),
    )
    return _ComputedDraw(draw, outcome, entries)


async def _committed_entries(tx: Transaction, raffle_id: UUID, lock: Lock) -> Entries:
    """Return the entries, after checking that they match the receipt."""
    entries = await draws.entries(tx, raffle_id)
    if await asyncio.to_thread(root_of_entries, raffle_id, entries) != lock.receipt.merkle_root:
        raise ListChanged
    return entries


async def _outcome(
    tx: Transaction, seed: bytes, rules: Json, entries: Entries, *, raffle_id: UUID, secrets: RaffleSecrets
) -> Outcome:
    """Compute the outcome twice: first to find the tickets that skips reveal, then with their salts.

    The salts change nothing else, so only the salts that are published are decrypted.
    """
    disqualified = await claims.confirmed_disqualifications(tx, raffle_id)
    decide = partial(outcome_of, seed, rules, entries, raffle_id=raffle_id, disqualified=disqualified)
    without_salts = await asyncio.to_thread(decide, salts={})
    revealed = revealed_numbers(without_salts)
    if not revealed:
        return without_salts
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


async def _income(tx: Transaction, raffle: Raffle) -> list[Write]:
    """Return the writes that turn the raffle's deferred revenue into income."""
    paid = Money(await draws.paid_minor(tx, raffle.id), raffle.terms.ticket_price.currency)
    if not paid.minor:
        return []
    entries = (
        Entry(AccountKind.RAFFLE_DEFERRED, raffle.id, paid),
        Entry(AccountKind.TICKET_INCOME, raffle.id, -paid),
    )
    return ledger.post(tx, Transfer.caused_by("raffle_drawn", raffle.id, entries))
