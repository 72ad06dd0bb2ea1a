"""The proof bundle of protocol LW1: everything needed to recompute a draw, and nothing else."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import UUID

from luxewin.modules.raffles.domain.encoding import Json, canonical, hash_of
from luxewin.modules.raffles.domain.outcome import Award, Outcome, Skip

PROTOCOL = "LW1"
COMMIT_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The operator's commitment when the list is locked, before the round is known; `locked_at` is Unix seconds."""

    raffle_id: UUID
    rules_hash: bytes
    merkle_root: bytes
    entries: int
    round_number: int
    locked_at: int

    def document(self) -> Json:
        """Return the receipt in the JSON form that is signed, anchored and published."""
        return {
            "raffle_id": str(self.raffle_id),
            "rules_hash": self.rules_hash.hex(),
            "merkle_root": self.merkle_root.hex(),
            "entries": self.entries,
            "round": self.round_number,
            "locked_at": self.locked_at,
        }

    @property
    def hash(self) -> bytes:
        """The hash to anchor: 32 bytes."""
        return hash_of(self.document())


def entries_document(entries: Iterable[tuple[int, bytes]]) -> Json:
    """Return entries (number and commit, sorted by number) as ranges of numbers and one string of commits in hex."""
    ranges: list[list[int]] = []
    commits: list[str] = []
    for number, commit in entries:
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
        commits.append(commit.hex())
    return {"numbers": ranges, "commits": "".join(commits)}


def entries_of(document: Json) -> list[tuple[int, bytes]]:
    """Return the entries of a bundle, sorted by number: number and commit.

    Raises:
        ValueError: the counts of numbers and commits differ.
    """
    commits = bytes.fromhex(document["commits"])
    total = sum(last - first + 1 for first, last in document["numbers"])
    if total * COMMIT_BYTES != len(commits):
        raise ValueError(f"{total} numbers need {total * COMMIT_BYTES} bytes of commits, got {len(commits)}")
    numbers = (number for first, last in document["numbers"] for number in range(first, last + 1))
    return [(number, commits[at : at + COMMIT_BYTES]) for number, at in zip(numbers, count(0, COMMIT_BYTES))]


def outcome_document(outcome: Outcome) -> Json:
    """Return an outcome in the JSON form of the bundle."""
    return {
        "winners": [_award_document(award) for award in outcome.winners],
        "reserves": [_award_document(award) for award in outcome.reserves],
        "skips": [_skip_document(skip) for skip in outcome.skips],
    }


def unsigned_bundle(
    *,
    rules: Sequence[Json],
    entries: Json,
    receipt: Receipt,
    receipt_signature: bytes,
    anchor: Json | None,
    beacon_signature: bytes,
    seed: bytes,
    outcome: Outcome,
) -> dict[str, Any]:
    """Return the bundle without its signature; `rules` are all versions, oldest first."""
    return {
        "protocol": PROTOCOL,
        "raffle_id": str(receipt.raffle_id),
        "rules": list(rules),
        "entries": entries,
        "receipt": receipt.document(),
        "receipt_signature": receipt_signature.hex(),
        "anchor": anchor,
        "beacon": {"round": receipt.round_number, "signature": beacon_signature.hex()},
        "draw": {"seed": seed.hex(), "positions": list(outcome.positions)},
        "outcome": outcome_document(outcome),
    }


def signed_content(unsigned: Json) -> bytes:
    """Return the bytes that the bundle's signature covers."""
    return canonical(unsigned)


def _award_document(award: Award) -> Json:
    drawn = {"position": award.position, "number": award.ticket.number}
    return drawn if award.prize is None else {"prize": award.prize, **drawn}


def _skip_document(skip: Skip) -> Json:
    skipped = {"position": skip.position, "number": skip.ticket.number, "reason": skip.reason.value}
    if skip.earlier is not None:
        return {**skipped, "reveal": [skip.ticket.reveal(), skip.earlier.reveal()]}
    return {**skipped, "approvals": skip.approvals}
