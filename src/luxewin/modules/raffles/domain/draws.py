"""A draw from the lock to the proof: the receipt, the seed, the outcome and the bundle."""

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
from luxewin.modules.raffles.domain.outcome import APPROVALS, AwardRules, Outcome, SkipReason, Ticket, decide


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A paid ticket that does not take part, with the published reason."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The times of a draw, in Unix seconds, computed from its rules."""

    round_number: int
    draws_at: int
    payments_until: int
    """The end of the wait for payments of unknown outcome: half the delay, plus the margin, before the round."""

    @classmethod
    def of(cls, rules: Json) -> "Schedule":
        """Return the schedule of a raffle with these rules."""
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
    """The receipt of a locked list, its signature, and its anchor if it has one."""

    receipt: Receipt
    signature: bytes = field(repr=False)
    anchor: Json | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """A stored draw: the round's signature that decided it, and what was computed from it."""

    beacon_signature: bytes
    invalid_answers: Sequence[Json]
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
    """Return the seed of the draw of a locked list by a round: 32 bytes."""
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
    disqualified: Mapping[int, SkipReason],
    salts: Mapping[int, bytes],
) -> Outcome:
    """Return the outcome of a draw; `disqualified` and `salts` are by ticket number.

    The salts do not influence who wins: they are only revealed by skips.
    """

    def ticket_at(position: int) -> Ticket:
        number = entries.numbers[position]
        return Ticket(number, salts.get(number, b""), holder_tag(raffle_id, entries.holder_at(position)))

    award_rules = AwardRules(
        prizes=len(rules["prizes"]),
        reserves=rules["reserve_winners"],
        one_prize_per_person=rules["one_prize_per_person"],
        disqualified={number: (reason, APPROVALS) for number, reason in disqualified.items()},
    )
    return decide(positions(Blocks.of(seed), entries=len(entries)), ticket_at, award_rules)


def revealed_numbers(outcome: Outcome) -> list[int]:
    """Return the numbers of the tickets whose salts an outcome reveals, to show that a pair has one holder."""
    pairs = ((skip.ticket.number, skip.earlier.number) for skip in outcome.skips if skip.earlier is not None)
    return sorted(set(chained.from_iterable(pairs)))


def bundle_of(
    rules: Sequence[Json], entries: Entries, lock: Lock, *, beacon_signature: bytes, seed: bytes, outcome: Outcome
) -> dict[str, Any]:
    """Return the proof bundle without its signature."""
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
    """Return the complete proof bundle of a stored draw, exactly as it was signed."""
    unsigned = bundle_of(
        rules,
        entries,
        lock,
        beacon_signature=draw.beacon_signature,
        seed=draw.seed,
        outcome=Outcome(tuple(draw.positions), (), (), ()),
    )
    return {**unsigned, "outcome": draw.outcome, "bundle_signature": draw.bundle_signature.hex()}
