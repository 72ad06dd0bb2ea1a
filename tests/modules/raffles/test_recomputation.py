"""The program and the independent verifier draw the same winners, over a thousand raffles of every shape."""

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from luxewin.modules.raffles.beacons import signatures
from tests.modules.raffles.bundles import bundle
from verify import verify_draw

RAFFLES = 1_000


def shapes() -> Iterator[dict[str, Any]]:
    """Yield raffles: few and many entries, gaps, one holder or many, more prizes than entries."""
    generator = random.Random(20_261_126)  # noqa: S311 - reproducible test data
    for _ in range(RAFFLES - 1):
        sold = generator.choice([1, 1, 2, 3, 7, 8, 30, 100])
        valid = sorted(generator.sample(range(1, sold + 1), generator.randint(1, sold)))
        yield {
            "numbers": valid,
            "people": generator.choice([1, 2, 5, 40]),
            "capacity": sold,
            "prizes": [f"Prize {number}" for number in range(generator.randint(1, 12))],
            "reserve_winners": generator.randint(0, 5),
            "one_prize_per_person": generator.random() < 0.5,
        }
    yield {"numbers": range(1, 100_001), "people": 70_000, "capacity": 100_000}


def ed25519_verifies(key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def test_a_thousand_raffles_are_recomputed_to_the_same_winners(monkeypatch: pytest.MonkeyPatch) -> None:
    # The verifier's own curve arithmetic takes a second per raffle; test_signatures compares it with this one.
    monkeypatch.setattr(verify_draw, "beacon_verifies", signatures.is_valid_signature)
    monkeypatch.setattr(verify_draw, "ed25519_verifies", ed25519_verifies)
    lines: list[str] = []
    verified = 0
    for shape in shapes():
        content = json.dumps(bundle(**shape)).encode()
        assert verify_draw.verify(content, report=lines.append) == 0, lines[-1]
        verified += 1
    assert verified == RAFFLES
