"""The test vectors of docs/lw1.md: `python -m tests.modules.raffles.vectors > verify/lw1-vectors.json`.

They are deterministic: every key, salt and id derives from a constant.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import count
from typing import Any

from luxewin.modules.raffles.domain import bundles, drawing, merkle
from luxewin.modules.raffles.domain.beacons import QUICKNET, Chain, randomness_of
from luxewin.modules.raffles.domain.encoding import Json, canonical, commitment, hash_of, holder_tag, u64be
from luxewin.modules.raffles.domain.outcome import SkipReason
from tests.modules.raffles.bundles import (
    BEACON,
    CLOSES_AT,
    RAFFLE,
    SIGNER,
    Draw,
    rescheduled,
    rules,
)
from tests.modules.raffles.vector_curves import beacon_vectors, ed25519_vectors
from tests.modules.raffles.vector_edges import (
    DETAILS,
    MINED,
    anchored_rules,
    details_of,
    edge_bundles,
    edge_changes,
    edge_draws,
)
from tests.modules.raffles.vector_faults import HOLDER, PLAIN, broken_bundles, changes, compact, texts

_TITLES = ("Café", "\u202etfel", 'a "quoted" \\ back', "tab\tand\nline\x1f", "😀 € \u2028", "e\u0301")


def vectors() -> dict[str, Any]:
    """Return all vectors."""
    return {
        "jcs": [_canonical({"b": [1, {"z": None, "a": True}], "a": title, "A": 2**53 - 1}) for title in _TITLES],
        "tags": _tags(),
        "trees": [_tree(leaves) for leaves in range(1, 10)],
        "inclusion": list(_inclusion()),
        "chains": [_chain(QUICKNET), _chain(BEACON.chain)],
        "rounds": list(_rounds()),
        "beacons": list(beacon_vectors()),
        "ed25519": list(ed25519_vectors()),
        "uniform": list(_uniform()),
        "draws": [_trace(draw) for draw in (Draw(people=4), Draw(numbers=(3, 7), people=2), Draw(numbers=(41,)))],
        "bundles": [_with_details(bundle) for bundle in _bundles()],
        "changes": [*changes(draws()[PLAIN]), *edge_changes(draws())],
    }


def draws() -> dict[str, Draw]:
    """Return the draws of the valid bundles, by name."""
    first = rules()
    with_details = rules(details_hash=hash_of(DETAILS).hex())
    quicknet = rules(QUICKNET, draw_delay_seconds=600, closes_at=QUICKNET.time_of(1000) - 600, title="Quicknet")
    off_boundary = rules(QUICKNET, draw_delay_seconds=601, closes_at=QUICKNET.time_of(1000) - 603, title="Between")
    none: dict[int, SkipReason] = {}
    return {
        PLAIN: Draw(people=4),
        "details": Draw(versions=[with_details]),
        "postponed twice": Draw(
            versions=rescheduled(first, CLOSES_AT + 60, CLOSES_AT + 7200), locked_at=CLOSES_AT + 7200
        ),
        "anchored": Draw(versions=[anchored_rules()], anchor=MINED),
        "a round of quicknet": Draw(versions=[quicknet], locked_at=quicknet["closes_at"], numbers=range(1, 51)),
        "a closing time between two rounds": Draw(versions=[off_boundary], locked_at=off_boundary["closes_at"] + 1),
        "sold out before the closing time": Draw(
            versions=[rules(capacity=9, closes_when_sold_out=True)], numbers=range(1, 10), locked_at=CLOSES_AT - 500
        ),
        "one entry": Draw(numbers=(41,), disqualified=none),
        "fewer entries than prizes": Draw(numbers=(4, 6), people=5, disqualified=none),
        "everybody else is skipped": Draw(numbers=range(1, 7), people=1, disqualified=none),
        "every ticket is disqualified": Draw(numbers=(5,)),
        "several prizes for one person": Draw(versions=[rules(one_prize_per_person=False)], people=1),
        "a long list": Draw(versions=[rules(capacity=1000, reserve_winners=20)], numbers=range(1, 501), people=40),
        "a title of every kind": Draw(versions=[rules(title="".join(_TITLES), prizes=list(_TITLES))]),
        **edge_draws(),
    }


def _canonical(document: Json) -> dict[str, Any]:
    content = canonical(document)
    return {"document": document, "canonical": content.hex(), "sha256": sha256(content).hexdigest()}


def _tags() -> dict[str, Any]:
    salt, tag = sha256(b"a salt").digest(), holder_tag(RAFFLE, HOLDER)
    commit = commitment(salt=salt, tag=tag)
    leaf = merkle.ticket_leaf(RAFFLE, 300, commit)
    return {
        "raffle_id": str(RAFFLE),
        "holder_id": str(HOLDER),
        "salt": salt.hex(),
        "number": 300,
        "holder_tag": tag.hex(),
        "commit": commit.hex(),
        "leaf": leaf.hex(),
        "leaf_hash": merkle.leaf_hash(leaf).hex(),
    }


def _tree(size: int) -> dict[str, Any]:
    hashes = [sha256(bytes([number])).digest() for number in range(size)]
    return {"leaf_hashes": [leaf.hex() for leaf in hashes], "root": merkle.root_of(hashes).hex()}


def _inclusion() -> Iterator[dict[str, Any]]:
    draw = Draw()
    hashes = [merkle.leaf_hash(merkle.ticket_leaf(RAFFLE, number, commit)) for number, commit in draw.entries()]
    receipt = draw.receipt().document()
    signature = SIGNER.sign(canonical(receipt)).hex()
    key = SIGNER.public_key().public_bytes_raw().hex()
    answers: list[dict[str, Any]] = [
        {
            "raffle_id": str(RAFFLE),
            "number": number,
            "commit": commit.hex(),
            "position": position,
            "path": [sibling.hex() for sibling in merkle.inclusion_path(hashes, position)],
            "receipt": receipt,
            "receipt_signature": signature,
        }
        for position, (number, commit) in enumerate(draw.entries())
    ]
    for answer in answers:
        yield {"answer": answer, "signing_key": key, "error": None}
    yield from _wrong_answers(answers[0], key)
    one = Draw(numbers=(41,))
    (_, commit), alone = one.entries()[0], one.receipt().document()
    changed = {"number": 41, "commit": commit.hex(), "path": [], "receipt": alone}
    answer = {**answers[0], **changed, "receipt_signature": SIGNER.sign(canonical(alone)).hex()}
    yield {"answer": answer, "signing_key": key, "error": None}
    yield {"answer": {**answer, "path": ["00" * 32]}, "signing_key": key, "error": "inclusion.path"}


def _wrong_answers(answer: dict[str, Any], key: str) -> Iterator[dict[str, Any]]:
    for changed, error in (
        ({"raffle_id": str(HOLDER)}, "inclusion.raffle"),
        ({"position": 9}, "inclusion.path"),
        ({"position": 8}, "inclusion.path"),
        ({"position": 1}, "inclusion.root"),
        ({"path": answer["path"][:-1]}, "inclusion.path"),
        ({"path": [*answer["path"], "00" * 32]}, "inclusion.path"),
        ({"number": 2}, "inclusion.root"),
        ({"number": 0}, "inclusion.root"),
        ({"commit": "00" * 32}, "inclusion.root"),
        ({"receipt_signature": "00" * 64}, "inclusion.signature"),
        ({"position": None}, "format.shape"),
        ({"extra": 1}, "format.shape"),
    ):
        yield {"answer": {**answer, **changed}, "signing_key": key, "error": error}
    yield {"answer": dict(reversed(answer.items())), "signing_key": key, "error": "format.shape"}
    yield {"answer": answer, "signing_key": "00" * 32, "error": "inclusion.signature"}
    salt, account = Draw().ticket(answer["number"]).salt.hex(), str(Draw().holder_of(answer["number"]))
    yield {"answer": answer, "signing_key": key, "holder": {"salt": salt, "account": account}, "error": None}
    for holder, error in (
        ({"salt": "00" * 32, "account": account}, "inclusion.commit"),
        ({"salt": salt, "account": str(HOLDER)}, "inclusion.commit"),
    ):
        yield {"answer": answer, "signing_key": key, "holder": holder, "error": error}


def _chain(chain: Chain) -> dict[str, Any]:
    return dict(chain.rules())


def _rounds() -> Iterator[dict[str, Any]]:
    for chain in (QUICKNET, BEACON.chain):
        genesis, period = chain.genesis_time, chain.period_seconds
        for time in (0, genesis - 1, genesis, genesis + 1, genesis + period, genesis + 10 * period + 1, 2**53 - 1):
            first = chain.first_round_at(time)
            yield {"period_seconds": period, "genesis_time": genesis, "time": time, "first_round": first}


def _uniform() -> Iterator[dict[str, Any]]:
    for n, blocks in (
        (100, [255, 254, 200, 10]),
        (1, [9]),
        (256, [255]),
        (128, [255]),
        (3, [255, 254]),
        (200, [200, 199]),
    ):
        taken = count()

        def block(counter: int, blocks: Sequence[int] = blocks, taken: "count[int]" = taken) -> int:
            next(taken)
            return blocks[counter]

        value = drawing.Blocks(block, bits=8).uniforms()(n)
        yield {"bits": 8, "blocks": blocks, "n": n, "value": value, "consumed": next(taken)}


def _trace(draw: Draw) -> dict[str, Any]:
    receipt, seed, n = draw.receipt(), draw.seed(), len(draw.numbers)
    chain = bytes.fromhex(draw.versions[-1]["beacon"]["chain_hash"])
    randomness = randomness_of(draw.beacon_signature())
    parts = chain, u64be(receipt.round_number), randomness, draw.raffle_id.bytes, receipt.merkle_root, u64be(n)
    blocks, uniform = drawing.Blocks.of(seed), drawing.Blocks.of(seed).uniforms()
    steps = []
    for k, position in enumerate(drawing.positions(blocks, entries=n)):
        chosen = uniform(n - k)
        steps.append({"n": n - k, "uniform": chosen, "j": k + chosen, "position": position})
    leaves = [merkle.ticket_leaf(draw.raffle_id, *entry) for entry in draw.entries()]
    return {
        "entries": bundles.entries_document(draw.entries()),
        "leaves": [leaf.hex() for leaf in leaves],
        "leaf_hashes": [merkle.leaf_hash(leaf).hex() for leaf in leaves],
        "receipt": receipt.document(),
        "canonical": canonical(receipt.document()).hex(),
        "preimage": (b"LW1/seed" + b"".join(parts)).hex(),
        "seed": seed.hex(),
        "blocks": [f"{blocks.block(counter):064x}" for counter in range(n)],
        "steps": steps,
    }


def _bundles() -> Iterator[dict[str, Any]]:
    yield from (_bundle(name, draw) for name, draw in draws().items())
    yield from (*broken_bundles(), *texts(), *edge_bundles())


def _bundle(name: str, draw: Draw) -> dict[str, Any]:
    made = draw.bundle()
    caveats = ["local_beacon"] if made["rules"][-1]["beacon"]["beacon_id"] == "local" else []
    caveats.append("no_anchor" if made["anchor"] is None else "anchor_not_looked_up")
    if any(skip["reason"] != "one_per_person" for skip in made["outcome"]["skips"]):
        caveats.append("operator_decisions")
    return {"name": name, "text": compact(made), "error": None, "caveats": caveats}


def _with_details(bundle: dict[str, Any]) -> dict[str, Any]:
    details = details_of(bundle["name"])
    return {**bundle, "details": details} if details else bundle


if __name__ == "__main__":
    json.dump(vectors(), sys.stdout, indent=1, ensure_ascii=True)
    sys.stdout.write("\n")
