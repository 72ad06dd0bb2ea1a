"""Recomputing a draw from its public proof, with nothing else at hand: what anybody can do, done by ourselves too."""

from collections.abc import Iterator
from uuid import UUID

from luxewin.modules.raffles.domain.beacons import randomness_of
from luxewin.modules.raffles.domain.bundles import entries_of
from luxewin.modules.raffles.domain.drawing import Blocks, positions, seed_of
from luxewin.modules.raffles.domain.encoding import Json, hash_of
from luxewin.modules.raffles.domain.merkle import root_of_entries


def winning_numbers(proof: Json) -> list[int]:
    """Return the tickets that hold prizes and reserve places, in order, as rules, entries and round give them.

    Skipped tickets are those that the proof names; every other ticket that is drawn has a place.
    """
    rules, round_signature = proof["rules"][-1], bytes.fromhex(proof["beacon"]["signature"])
    raffle_id = UUID(proof["raffle_id"])
    entries = entries_of(proof["entries"])
    seed = seed_of(
        chain_hash=bytes.fromhex(rules["beacon"]["chain_hash"]),
        round_number=rules["round"],
        randomness=randomness_of(round_signature),
        raffle_id=raffle_id,
        merkle_root=root_of_entries(raffle_id, entries),
        entries=len(entries),
    )
    skipped = {skip["number"] for skip in proof["outcome"]["skips"]}
    drawn = (entries[position][0] for position in positions(Blocks.of(seed), entries=len(entries)))
    return _first(len(rules["prizes"]) + rules["reserve_winners"], (one for one in drawn if one not in skipped))


def is_bound(proof: Json) -> bool:
    """Tell whether the receipt names these rules, these entries and this round."""
    receipt, entries = proof["receipt"], entries_of(proof["entries"])
    return bool(
        receipt["rules_hash"] == hash_of(proof["rules"][-1]).hex()
        and receipt["merkle_root"] == root_of_entries(UUID(proof["raffle_id"]), entries).hex()
        and receipt["entries"] == len(entries)
        and receipt["round"] == proof["rules"][-1]["round"] == proof["beacon"]["round"]
    )


def _first(count: int, numbers: Iterator[int]) -> list[int]:
    return [number for _, number in zip(range(count), numbers, strict=False)]
