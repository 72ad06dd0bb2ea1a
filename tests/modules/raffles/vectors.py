"""The test vectors of docs/lw1.md: `python -m tests.modules.raffles.vectors > verify/lw1-vectors.json`.

They are deterministic: every key, salt and id derives from a constant.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import count
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from luxewin.modules.raffles.domain import drawing, merkle
from luxewin.modules.raffles.domain.beacons import QUICKNET, Chain, randomness_of
from luxewin.modules.raffles.domain.encoding import Json, canonical, commitment, hash_of, holder_tag, u64be
from luxewin.modules.raffles.domain.outcome import SkipReason
from tests.modules.raffles.bundles import (
    ANCHOR,
    BEACON,
    CLOSES_AT,
    QUICKNET_SIGNATURES,
    RAFFLE,
    SIGNER,
    Draw,
    rescheduled,
    rules,
)
from tests.modules.raffles.vector_faults import HOLDER, PLAIN, broken_bundles, changes, compact, texts

DETAILS: Json = {
    "description": "A lamp\nand a vase",
    "prizes": [
        {"name": "Lamp", "description": None, "value": {"amount": 4900, "currency": "USD"}, "variant_id": None},
        {"name": "Vase", "description": "Blue", "value": None, "variant_id": str(HOLDER)},
    ],
    "claim_days": 14,
    "skill_question": "2 + 2 = ?",
}
ED25519_ORDER = 2**252 + 27742317777372353535851937790883648493
SMALL_ORDER_KEY = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"
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
        "beacons": list(_beacons()),
        "ed25519": list(_signatures()),
        "uniform": list(_uniform()),
        "draws": [_trace(Draw(people=4)), _trace(Draw(numbers=(3, 7), people=2, disqualified={}))],
        "bundles": [*(_bundle(name, draw) for name, draw in draws().items()), *broken_bundles(), *texts()],
        "changes": list(changes(draws()[PLAIN])),
    }


def draws() -> dict[str, Draw]:
    """Return the draws of the valid bundles, by name."""
    first = rules()
    with_details = rules(details_hash=hash_of(DETAILS).hex())
    anchored = rules(
        anchor=ANCHOR, on_missed_anchor="cancel", draw_delay_seconds=200, title="Anchored", territories=None
    )
    quicknet = rules(QUICKNET, draw_delay_seconds=600, closes_at=QUICKNET.time_of(1000) - 600, title="Quicknet")
    off_boundary = rules(QUICKNET, draw_delay_seconds=601, closes_at=QUICKNET.time_of(1000) - 603, title="Between")
    anchor = {name: ANCHOR[name] for name in ("chain_id", "contract", "sender")}
    mined = {
        "transaction_hash": "ab" * 32,
        "block_number": 7,
        "block_hash": "cd" * 32,
        "block_timestamp": CLOSES_AT + 100,
    }
    none: dict[int, SkipReason] = {}
    return {
        PLAIN: Draw(people=4),
        "details": Draw(versions=[with_details]),
        "postponed twice": Draw(
            versions=rescheduled(first, CLOSES_AT + 60, CLOSES_AT + 7200), locked_at=CLOSES_AT + 7200
        ),
        "anchored": Draw(versions=[anchored], anchor={**anchor, **mined}),
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
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"raffle_id": str(HOLDER)}, "inclusion.raffle"),
        ({"position": 9}, "inclusion.path"),
        ({"path": answers[0]["path"][:-1]}, "inclusion.path"),
        ({"path": [*answers[0]["path"], "00" * 32]}, "inclusion.path"),
        ({"number": 2}, "inclusion.root"),
        ({"commit": "00" * 32}, "inclusion.root"),
        ({"receipt_signature": "00" * 64}, "inclusion.signature"),
    ]
    for changed, error in wrong:
        yield {"answer": {**answers[0], **changed}, "signing_key": key, "error": error}


def _chain(chain: Chain) -> dict[str, Any]:
    return dict(chain.rules())


def _rounds() -> Iterator[dict[str, Any]]:
    for chain in (QUICKNET, BEACON.chain):
        genesis, period = chain.genesis_time, chain.period_seconds
        for time in (0, genesis - 1, genesis, genesis + 1, genesis + period, genesis + 10 * period + 1, 2**53 - 1):
            first = chain.first_round_at(time)
            yield {"period_seconds": period, "genesis_time": genesis, "time": time, "first_round": first}


def _beacons() -> Iterator[dict[str, Any]]:
    def one(key: str, number: int, signature: str, *, is_valid: bool) -> dict[str, Any]:
        randomness = randomness_of(bytes.fromhex(signature)).hex()
        shown = {"public_key": key, "round": number, "signature": signature}
        return {**shown, "is_valid": is_valid, "randomness": randomness}

    quicknet, local = QUICKNET.public_key.hex(), BEACON.chain.public_key.hex()
    signature = QUICKNET_SIGNATURES[1000]
    for number, known in QUICKNET_SIGNATURES.items():
        yield one(quicknet, number, known, is_valid=True)
    yield one(local, 5, replace(Draw(), versions=[rules(round=5)]).beacon_signature().hex(), is_valid=True)
    flipped = f"{int(signature[:2], 16) ^ 0x20:02x}{signature[2:]}"
    for key, number, wrong in (
        (quicknet, 1001, signature),
        (local, 1000, signature),
        (quicknet, 1000, flipped),
        (quicknet, 1000, "c0" + "00" * 47),
        ("c0" + "00" * 95, 1000, "c0" + "00" * 47),
        (quicknet, 1000, f"{int(signature[:2], 16) & 0x7F:02x}{signature[2:]}"),
        (quicknet, 1000, "9f" + "ff" * 47),
        (quicknet, 1000, "80" + "00" * 46 + "04"),
    ):
        yield one(key, number, wrong, is_valid=False)


def _signatures() -> Iterator[dict[str, Any]]:
    message, key = b"LW1", SIGNER.public_key().public_bytes_raw()
    signature = SIGNER.sign(message)
    big = (int.from_bytes(signature[32:], "little") + ED25519_ORDER).to_bytes(32, "little")
    other = Ed25519PrivateKey.from_private_bytes(sha256(b"another").digest()).public_key().public_bytes_raw()
    neutral = bytes([1]) + bytes(31)
    for public, signed_by, is_valid in (
        (key, signature, True),
        (other, signature, False),
        (key, signature[:32] + big, False),
        (key, bytes(64), False),
        (neutral, neutral + bytes(32), False),
        (bytes.fromhex(SMALL_ORDER_KEY), neutral + bytes(32), False),
        ((2**255 - 18).to_bytes(32, "little"), neutral + bytes(32), False),
        (b"\xff" * 32, signature, False),
    ):
        shown = {"public_key": public.hex(), "message": message.hex(), "signature": signed_by.hex()}
        yield {**shown, "is_valid": is_valid}


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
    return {
        "preimage": (b"LW1/seed" + b"".join(parts)).hex(),
        "seed": seed.hex(),
        "blocks": [f"{blocks.block(counter):064x}" for counter in range(3)],
        "steps": steps,
    }


def _bundle(name: str, draw: Draw) -> dict[str, Any]:
    made = draw.bundle()
    caveats = ["local_beacon"] if made["rules"][-1]["beacon"]["beacon_id"] == "local" else []
    caveats.append("no_anchor" if made["anchor"] is None else "anchor_not_looked_up")
    if any(skip["reason"] != "one_per_person" for skip in made["outcome"]["skips"]):
        caveats.append("operator_decisions")
    entry = {"name": name, "text": compact(made), "error": None, "caveats": caveats}
    if name != "details":
        return entry
    return {**entry, "details": [{"text": compact(DETAILS), "error": None}, {"text": "{}", "error": "details.hash"}]}


if __name__ == "__main__":
    json.dump(vectors(), sys.stdout, indent=1, ensure_ascii=True)
    sys.stdout.write("\n")
