"""A draw from lock to proof: what is committed to, what decides, and what follows from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain as chained
from typing import Any
from uuid import UUID

from luxewin.modules.raffles.domain.beacons import randomness_of
from luxewin.modules.raffles.domain.bundles import Receipt, entries_document, unsigned_bundle
from luxewin.modules.raffles.domain.drawing import Blocks, positions, seed_of
from luxewin.modules.raffles.domain.encoding import Json, hash_of, holder_tag
from luxewin.modules.raffles.domain.entries import Entries
from luxewin.modules.raffles.domain.merkle import root_of_entries
from luxewin.modules.raffles.domain.outcome import APPROVALS, Awarding, Outcome, SkipReason, Ticket, decide


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The moments of a draw, in Unix seconds, as its rules fix them."""

    round_number: int
    draws_at: int
    payments_until: int
    """When payments of unknown outcome are given up: half the delay before the round, and its margin."""

    @classmethod
    def of(cls, rules: Json) -> "Schedule":
        """Return the moments that rules fix."""
        beacon = rules["beacon"]
        draws_at = beacon["genesis_time"] + (rules["round"] - 1) * beacon["period_seconds"]
        margin = rules["anchor"]["margin_seconds"] if rules["anchor"] else 0
        return cls(
            round_number=rules["round"],
            draws_at=draws_at,
            payments_until=draws_at - margin - rules["draw_delay_seconds"] // 2,
        )


@dataclass(frozen=True, slots=True)
class Lock:
    """The receipt of a locked list, its signature, and its anchor where it has one."""

    receipt: Receipt
    signature: bytes = field(repr=False)
    anchor: Json | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """What decided a raffle; everything else of it can be recomputed."""

    beacon_signature: bytes
    lies: Sequence[Json]
    seed: bytes
    positions: Sequence[int]
    outcome: Json
    bundle_signature: bytes


def receipt_of(raffle_id: UUID, rules: Json, entries: Entries, *, locked_at: int) -> Receipt:
    """Return the receipt that commits to a list of entries."""
    return Receipt(
        raffle_id=raffle_id,
        rules_hash=hash_of(rules),
        merkle_root=root_of_entries(raffle_id, entries),
        entries=len(entries),
        round_number=rules["round"],
        locked_at=locked_at,
    )


def seed_for(receipt: Receipt, rules: Json, beacon_signature: bytes) -> bytes:
    """Return the seed that a round gives to a locked list."""
    return seed_of(
        chain_hash=bytes.fromhex(rules["beacon"]["chain_hash"]),
        round_number=receipt.round_number,
        randomness=randomness_of(beacon_signature),
        raffle_id=receipt.raffle_id,
        merkle_root=receipt.merkle_root,
        entries=receipt.entries,
    )


def outcome_of(
    seed: bytes,
    rules: Json,
    entries: Entries,
    *,
    raffle_id: UUID,
    skipped: Mapping[int, SkipReason],
    salts: Mapping[int, bytes],
) -> Outcome:
    """Return who wins; `salts` by ticket number are only for what a skip reveals, and decide nothing.

    `skipped` are the tickets that two people have decided to pass over.
    """

    def ticket_at(position: int) -> Ticket:
        number = entries.numbers[position]
        return Ticket(number, salts.get(number, b""), holder_tag(raffle_id, entries.holder_at(position)))

    awarding = Awarding(
        prizes=len(rules["prizes"]),
        reserves=rules["reserve_winners"],
        one_prize_per_person=rules["one_prize_per_person"],
        refused={number: (reason, APPROVALS) for number, reason in skipped.items()},
    )
    return decide(positions(Blocks.of(seed), entries=len(entries)), ticket_at, awarding)


def revealed_by(outcome: Outcome) -> list[int]:
    """Return the tickets whose salts an outcome has to reveal, so that anybody sees whose they are."""
    pairs = ((skip.ticket.number, skip.holding.number) for skip in outcome.skips if skip.holding is not None)
    return sorted(set(chained.from_iterable(pairs)))


def bundle_of(
    rules: Sequence[Json], entries: Entries, lock: Lock, *, beacon_signature: bytes, seed: bytes, outcome: Outcome
) -> dict[str, Any]:
    """Return the proof but for its signature."""
    return unsigned_bundle(
        rules=rules,
        entries=entries_document(entries),
        receipt=lock.receipt,
        receipt_signature=lock.signature,
        anchor=lock.anchor,
        beacon_signature=beacon_signature,
        seed=seed,
        outcome=outcome,
    )


def stored_bundle(rules: Sequence[Json], entries: Entries, lock: Lock, draw: Draw) -> dict[str, Any]:
    """Return the whole proof of a draw that was made before, exactly as it was signed."""
    unsigned = bundle_of(
        rules,
        entries,
        lock,
        beacon_signature=draw.beacon_signature,
        seed=draw.seed,
        outcome=Outcome(tuple(draw.positions), (), (), ()),
    )
    return {**unsigned, "outcome": draw.outcome, "bundle_signature": draw.bundle_signature.hex()}
