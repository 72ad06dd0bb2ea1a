"""The draw agrees with an independent implementation on every published vector."""

import hashlib
from typing import Any
from uuid import UUID

import pytest

from luxewin.modules.raffles.domain import beacons, drawing, merkle
from luxewin.modules.raffles.domain.encoding import u64be
from tests.modules.raffles.published import VECTORS, published, read

pytestmark = published
_VECTORS = read(VECTORS)
QUICKNET = _VECTORS.get("drand_quicknet", {})
DRAWS = {draw["name"]: draw for draw in _VECTORS.get("draws", [])}


def numbers(draw: dict[str, Any]) -> list[int]:
    """Read `1..50 without the multiples of 7`."""
    span, _, left_out = draw["ticket_numbers"].partition(" without the multiples of ")
    first, last = map(int, span.split(".."))
    return [number for number in range(first, last + 1) if not left_out or number % int(left_out)]


def leaf_hashes(raffle_id: UUID, draw: dict[str, Any]) -> list[bytes]:
    return [
        merkle.leaf_hash(merkle.ticket_leaf(raffle_id, number, hashlib.sha256(b"entrant" + u64be(number)).digest()))
        for number in numbers(draw)
    ]


def test_the_constants_of_quicknet_give_its_published_hash() -> None:
    assert beacons.QUICKNET.hash.hex() == QUICKNET["chain_hash"]
    assert beacons.QUICKNET.public_key.hex() == QUICKNET["public_key"]


@pytest.mark.parametrize("round_number", QUICKNET.get("rounds", {}))
def test_the_randomness_of_a_round_is_derived_from_its_signature(round_number: str) -> None:
    published_round = QUICKNET["rounds"][round_number]
    signature = bytes.fromhex(published_round["signature"])
    assert beacons.randomness_of(signature).hex() == published_round["randomness"]


@pytest.mark.parametrize("tree", _VECTORS.get("rfc6962_merkle", []), ids=lambda tree: f"{len(tree['leaves'])} leaves")
def test_the_root_of_each_tree(tree: dict[str, Any]) -> None:
    hashes = [merkle.leaf_hash(bytes.fromhex(leaf)) for leaf in tree["leaves"]]
    assert merkle.root_of(hashes).hex() == tree["root"]


def test_a_block_above_the_largest_multiple_is_rejected() -> None:
    vector = _VECTORS["rejection"]
    taken: list[int] = []

    def block(counter: int) -> int:
        taken.append(counter)
        return int(vector["blocks"][counter])

    assert drawing.Blocks(block, bits=8).uniforms()(vector["n"]) == vector["value"]
    assert taken == list(range(vector["consumed"]))


@pytest.mark.parametrize("name", DRAWS)
def test_a_complete_draw(name: str) -> None:
    draw = DRAWS[name]
    raffle_id = UUID(draw["raffle_id"])
    hashes = leaf_hashes(raffle_id, draw)
    root = merkle.root_of(hashes)
    randomness = bytes.fromhex(QUICKNET["rounds"][str(draw["round"])]["randomness"])
    seed = drawing.seed_of(
        chain_hash=beacons.QUICKNET.hash,
        round_number=draw["round"],
        randomness=randomness,
        raffle_id=raffle_id,
        merkle_root=root,
        entries=len(hashes),
    )
    drawn = drawing.positions(drawing.Blocks.of(seed), entries=len(hashes))
    positions = [next(drawn) for _ in draw["winning_positions"]]
    assert (len(hashes), hashes[0].hex(), root.hex()) == (draw["tickets"], draw["first_leaf_hash"], draw["merkle_root"])
    assert (seed.hex(), positions) == (draw["seed"], draw["winning_positions"])
    assert [numbers(draw)[position] for position in positions] == draw["winning_ticket_numbers"]
