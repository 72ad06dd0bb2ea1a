"""Draws at the command line: `verify-draw` runs the published verifier, `draw-recompute` uses the module."""

import json
from pathlib import Path
from typing import Any

import pytest

from luxewin.cli.drawing import recompute, verify
from luxewin.kit.startup import StartupError
from tests.modules.raffles.bundles import bundle
from tests.modules.raffles.published import EXAMPLE, published, read


def write(folder: Path, document: Any) -> Path:
    file = folder / "draw.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    return file


def test_a_proof_is_verified_and_an_altered_one_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    proof = bundle()
    assert verify(write(tmp_path, proof), None, None)
    assert "Verified" in capfd.readouterr().out
    assert not verify(write(tmp_path, {**proof, "raffle_id": "019a0000-0000-7000-8000-000000000002"}), None, None)
    assert "REFUSED rules" in capfd.readouterr().out


@published
async def test_the_published_example_is_recomputed_to_its_own_outcome(tmp_path: Path) -> None:
    proof = read(EXAMPLE)
    draw = {
        "raffle_id": proof["raffle_id"],
        "entries": proof["entries"],
        "round": proof["beacon"]["round"],
        "signature": proof["beacon"]["signature"],
    }
    found = await recompute(write(tmp_path, draw))
    drawn = proof["draw"]["positions"]
    assert (found["merkle_root"], found["seed"]) == (proof["receipt"]["merkle_root"], proof["draw"]["seed"])
    assert found["positions"][: len(drawn)] == drawn
    assert (
        found["numbers"][drawn.index(proof["outcome"]["winners"][0]["position"])]
        == proof["outcome"]["winners"][0]["number"]
    )


@published
@pytest.mark.parametrize(
    "changed",
    [{"round": 1001}, {"raffle_id": "no"}, {"entries": {"numbers": [[1, 3]], "commits": "00"}}, {"signature": "zz"}],
)
async def test_an_invalid_draw_is_refused_with_a_reason(tmp_path: Path, changed: dict[str, Any]) -> None:
    proof = read(EXAMPLE)
    draw = {**{name: proof[name] for name in ("raffle_id", "entries")}, **proof["beacon"], **changed}
    with pytest.raises(StartupError):
        await recompute(write(tmp_path, draw))


async def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(StartupError, match="cannot be read"):
        await recompute(tmp_path / "nothing.json")
