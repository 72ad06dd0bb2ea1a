"""The published vectors of the protocol are what the program computes, and the verifier agrees with each of them."""

import functools
import json

import pytest

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


def verdict(text: str, details: str | None = None) -> tuple[str | None, list[str]]:
    """Return the error of a verification, and its lines."""
    lines: list[str] = []
    given = None if details is None else details.encode()
    status = verify_draw.verify(text.encode("utf-8", "surrogatepass"), report=lines.append, details=given)
    return (lines[-1].split()[2].rstrip(":") if status else None), lines


def test_the_committed_vectors_are_those_of_the_program() -> None:
    assert vectors() == VECTORS, "run `python -m tests.modules.raffles.vectors > verify/lw1-vectors.json`"


@pytest.mark.parametrize("name", BUNDLES)
def test_the_verifier_agrees_on_every_bundle(name: str) -> None:
    bundle = BUNDLES[name]
    error, lines = verdict(bundle["text"])
    assert error == bundle["error"], lines
    assert len([line for line in lines if "Note:" in line]) == len(bundle["caveats"])
    for details in bundle.get("details", ()):
        assert verdict(bundle["text"], details["text"])[0] == details["error"]


@pytest.mark.parametrize("number", range(len(VECTORS["changes"])))
def test_the_verifier_agrees_on_every_change(number: int) -> None:
    change = VECTORS["changes"][number]
    document = json.loads(BUNDLES[change["name"]]["text"])
    error, lines = verdict(json.dumps(applied(document, change), ensure_ascii=False))
    assert error == change["error"], lines


def test_the_verifier_agrees_on_signatures() -> None:
    for one in VECTORS["beacons"]:
        parts = bytes.fromhex(one["public_key"]), one["round"], bytes.fromhex(one["signature"])
        assert verify_draw.beacon_verifies(*parts) is one["is_valid"], one
    for one in VECTORS["ed25519"]:
        given = (bytes.fromhex(one[name]) for name in ("public_key", "message", "signature"))
        assert verify_draw.ed25519_verifies(*given) is one["is_valid"], one
