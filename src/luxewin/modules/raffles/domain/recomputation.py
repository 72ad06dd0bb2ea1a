"""Recomputing a draw from its public proof alone, as anybody can."""

from collections.abc import Iterator
from itertools import islice
from uuid import UUID

from luxewin.modules.raffles.domain.beacons import randomness_of
from luxewin.modules.raffles.domain.bundles import entries_of
from luxewin.modules.raffles.domain.drawing import Blocks, positions, seed_of
from luxewin.modules.raffles.domain.encoding import Json, hash_of
from luxewin.modules.raffles.domain.merkle import root_of_entries


def winning_numbers(proof: Json) -> list[int]:
    """Return the ticket numbers of the winners and then of the reserves, in the order of the draw.

    They are computed from the rules, the entries and the round; of the proof's outcome only `skips` is used.
    """
    rules = proof["rules"][-1]
    entries = entries_of(proof["entries"])
    skipped = {skip["number"] for skip in proof["outcome"]["skips"]}
    awarded = (number for number in _drawn_numbers(proof, rules, entries) if number not in skipped)
    return list(islice(awarded, len(rules["prizes"]) + rules["reserve_winners"]))


def is_bound(proof: Json) -> bool:
    """Return whether the receipt commits to these rules, these entries and this round."""
    receipt, entries = proof["receipt"], entries_of(proof["entries"])
    return bool(
        receipt["rules_hash"] == hash_of(proof["rules"][-1]).hex()
        and receipt["merkle_root"] == root_of_entries(UUID(proof["raffle_id"]), entries).hex()
        and receipt["entries"] == len(entries)
        and receipt["round"] == proof["rules"][-1]["round"] == proof["beacon"]["round"]
    )


def _drawn_numbers(proof: Json, rules: Json, entries: list[tuple[int, bytes]]) -> Iterator[int]:
    raffle_id = UUID(proof["raffle_id"])
    seed = seed_of(
        chain_hash=bytes.fromhex(rules["beacon"]["chain_hash"]),
        round_number=rules["round"],
        randomness=randomness_of(bytes.fromhex(proof["beacon"]["signature"])),
        raffle_id=raffle_id,
        merkle_root=root_of_entries(raffle_id, entries),
        entries=len(entries),
    )
    return (entries[position][0] for position in positions(Blocks.of(seed), entries=len(entries)))
