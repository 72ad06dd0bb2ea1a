"""The proof bundle: everything that anyone needs to recompute a draw, and nothing else."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import UUID

from luxewin.modules.raffles.domain.encoding import Json, canonical, hash_of
from luxewin.modules.raffles.domain.outcome import Outcome, Place, Skip

PROTOCOL = "LW1"
COMMIT_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the operator commits to at the lock, before the round is known."""

    raffle_id: UUID
    rules_hash: bytes
    merkle_root: bytes
    entries: int
    round_number: int
    locked_at: int

    def document(self) -> Json:
        """Return the receipt as it is signed, anchored and published."""
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
        """What goes on the chain: 32 bytes."""
        return hash_of(self.document())


def entries_document(entries: Iterable[tuple[int, bytes]]) -> Json:
    """Return entries (number and commit, in order of number) as ranges of numbers and one string of commits."""
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
    """Return the entries that a bundle holds, in order of number.

    Raises:
        ValueError: numbers and commits do not match.
    """
    commits = bytes.fromhex(document["commits"])
    total = sum(last - first + 1 for first, last in document["numbers"])
    if total * COMMIT_BYTES != len(commits):
        raise ValueError("numbers and commits do not match")
    numbers = (number for first, last in document["numbers"] for number in range(first, last + 1))
    return [(number, commits[at : at + COMMIT_BYTES]) for number, at in zip(numbers, count(0, COMMIT_BYTES))]


def outcome_document(outcome: Outcome) -> Json:
    """Return an outcome as the bundle holds it."""
    return {
        "winners": [_placed(place) for place in outcome.winners],
        "reserves": [_placed(place) for place in outcome.reserves],
        "skips": [_skipped(skip) for skip in outcome.skips],
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
    """Return the bundle but for its signature; `rules` are all versions, the first one first."""
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


def signed_over(unsigned: Json) -> bytes:
    """Return what the bundle's signature is made over."""
    return canonical(unsigned)


def _placed(place: Place) -> Json:
    drawn = {"position": place.position, "number": place.ticket.number}
    return drawn if place.prize is None else {"prize": place.prize, **drawn}


def _skipped(skip: Skip) -> Json:
    told: dict[str, Any] = {
        "position": skip.position,
        "number": skip.ticket.number,
        "reason": skip.reason.value,
    }
    if skip.holding is not None:
        return {**told, "reveal": [skip.ticket.revealed(), skip.holding.revealed()]}
    return {**told, "approvals": skip.approvals}
