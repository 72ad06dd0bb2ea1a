"""The published vectors of the protocol are what the program computes, and the verifier agrees with each of them."""

import functools
import json
from typing import Any

import pytest

from luxewin.modules.raffles.beacons.signatures import is_valid_signature
from tests.architecture.tree import ROOT
from tests.modules.raffles.vector_faults import applied
from tests.modules.raffles.vectors import vectors
from verify import verify_draw

VECTORS = json.loads((ROOT / "verify" / "lw1-vectors.json").read_text(encoding="utf-8"))
BUNDLES = {bundle["name"]: bundle for bundle in VECTORS["bundles"]}


@pytest.fixture(autouse=True)
def cached_beacons(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compute each pairing once."""
    monkeypatch.setattr(verify_draw, "beacon_verifies", functools.cache(verify_draw.beacon_verifies))


def content_of(one: dict[str, Any]) -> bytes:
    """Return the document of a vector, which has it as a text or as bytes in hexadecimal digits."""
    return bytes.fromhex(one["bytes"]) if "bytes" in one else one["text"].encode()


def verdict(content: bytes, details: bytes | None = None) -> tuple[str | None, list[str]]:
    """Return the error of a verification, and its lines."""
    lines: list[str] = []
    status = verify_draw.verify(content, report=lines.append, details=details)
    return (lines[-1].split()[2].rstrip(":") if status else None), lines


def test_the_committed_vectors_are_those_of_the_program() -> None:
    assert vectors() == VECTORS, "run `python -m tests.modules.raffles.vectors > verify/lw1-vectors.json`"


@pytest.mark.parametrize("name", BUNDLES)
def test_the_verifier_agrees_on_every_bundle(name: str) -> None:
    bundle = BUNDLES[name]
    error, lines = verdict(content_of(bundle))
    assert error == bundle["error"], lines
    assert len([line for line in lines if "Note:" in line]) == len(bundle["caveats"])
    for details in bundle.get("details", ()):
        assert verdict(content_of(bundle), content_of(details))[0] == details["error"], details


@pytest.mark.parametrize("number", range(len(VECTORS["changes"])))
def test_the_verifier_agrees_on_every_change(number: int) -> None:
    change = VECTORS["changes"][number]
    document = json.loads(BUNDLES[change["name"]]["text"])
    error, lines = verdict(json.dumps(applied(document, change), ensure_ascii=False).encode())
    assert error == change["error"], lines


@pytest.mark.parametrize("number", range(len(VECTORS["inclusion"])))
def test_the_verifier_agrees_on_every_answer_for_one_ticket(number: int) -> None:
    vector = VECTORS["inclusion"][number]
    holder = (vector["holder"]["salt"], vector["holder"]["account"]) if "holder" in vector else None
    lines: list[str] = []
    content = json.dumps(vector["answer"]).encode()
    status = verify_draw.verify_ticket(content, vector["signing_key"], holder, lines.append)
    assert (lines[-1].split()[2].rstrip(":") if status else None) == vector["error"], lines


@pytest.mark.parametrize("one", VECTORS["beacons"], ids=lambda one: one["name"])
def test_the_program_and_the_verifier_agree_on_the_signature_of_a_round(one: dict[str, Any]) -> None:
    parts = bytes.fromhex(one["public_key"]), one["round"], bytes.fromhex(one["signature"])
    assert verify_draw.beacon_verifies(*parts) is one["is_valid"]
    assert is_valid_signature(*parts) is one["is_valid"]


@pytest.mark.parametrize("one", VECTORS["ed25519"], ids=lambda one: one["name"])
def test_the_verifier_agrees_on_a_signature(one: dict[str, Any]) -> None:
    given = (bytes.fromhex(one[name]) for name in ("public_key", "message", "signature"))
    assert verify_draw.ed25519_verifies(*given) is one["is_valid"]


@pytest.mark.parametrize("number", range(len(VECTORS["draws"])))
def test_the_verifier_agrees_on_every_step_of_a_draw(number: int) -> None:
    vector = VECTORS["draws"][number]
    parts = {"raffle_id": vector["receipt"]["raffle_id"], "entries": vector["entries"]}
    assert verify_draw.merkle_root(parts).hex() == vector["receipt"]["merkle_root"]
    assert verify_draw.canonical(vector["receipt"]).hex() == vector["canonical"]
    assert verify_draw.sha256(bytes.fromhex(vector["preimage"])).hex() == vector["seed"]
    drawn = verify_draw.positions(bytes.fromhex(vector["seed"]), vector["receipt"]["entries"])
    assert list(drawn) == [step["position"] for step in vector["steps"]]
