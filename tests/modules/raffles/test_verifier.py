"""The offline verifier accepts correct bundles, refuses every mutation of them, and names the step that fails."""

import ast
import functools
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from tests.architecture.tree import ROOT
from tests.modules.raffles.bundles import bundle
from tests.modules.raffles.mutations import mutations
from tests.modules.raffles.published import EXAMPLE, SCHEMA, published, read
from verify import verify_draw

VERIFIER = ROOT / "verify" / "verify_draw.py"


@pytest.fixture(autouse=True)
def cached_beacons(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compute each pairing once: the thousand mutated bundles have few different signatures."""
    monkeypatch.setattr(verify_draw, "beacon_verifies", functools.cache(verify_draw.beacon_verifies))


def verdict(document: Any) -> tuple[int, str]:
    """Return the exit status and the last line of the output."""
    lines: list[str] = []
    status = verify_draw.verify(json.dumps(document).encode(), report=lines.append)
    return status, lines[-1]


@published
def test_the_published_example_is_accepted() -> None:
    assert verdict(read(EXAMPLE))[0] == 0


def test_a_proof_from_before_rules_had_a_hash_of_details_stays_valid() -> None:
    stored = json.loads((Path(__file__).parent / "stored" / "proof-without-details.json").read_text(encoding="utf-8"))
    assert "details_hash" not in stored["rules"][0]
    assert verdict(stored)[0] == 0


@published
def test_every_change_of_the_published_example_is_refused() -> None:
    accepted = [path for path, changed in mutations(read(EXAMPLE)) if verdict(changed)[0] == 0]
    assert accepted == []


def test_a_bundle_of_this_program_is_accepted_and_every_change_of_it_refused() -> None:
    made = bundle()
    assert verdict(made)[0] == 0
    accepted = [path for path, changed in mutations(made) if verdict(changed)[0] == 0]
    assert accepted == []


@published
def test_a_bundle_of_this_program_fits_the_published_schema() -> None:
    jsonschema_rs.validator_for(read(SCHEMA)).validate(bundle())


@pytest.mark.parametrize(
    ("changed", "step"),
    [
        ({"round": 1}, "rules"),
        ({"version": 2}, "rules"),
        ({"capacity": 3}, "entries"),
        ({"closes_at": 1_780_000_002, "round": 12_774_408}, "receipt"),
        ({"on_missed_anchor": "cancel"}, "rules"),
    ],
)
def test_a_signed_bundle_that_breaks_the_rules_is_refused(changed: dict[str, Any], step: str) -> None:
    status, line = verdict(bundle(**changed))
    assert (status, line.split()[:2]) == (1, ["REFUSED", step])


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff", b"[" * 100_000, b'{"protocol": "LW1", "protocol": "LW1"}', b"NaN", b"1e999", b"1" * 5_000],
)
def test_content_that_is_no_bundle_is_refused(content: bytes) -> None:
    lines: list[str] = []
    assert verify_draw.verify(content, report=lines.append) == 1
    assert lines[-1].split()[:2] == ["REFUSED", "format"]


def test_the_verdict_repeats_the_warnings() -> None:
    lines: list[str] = []
    verify_draw.verify(json.dumps(bundle()).encode(), report=lines.append)
    text = "\n".join(lines[lines.index(next(line for line in lines if "Verified" in line)) :])
    assert "the operator holds its key" in text
    assert "nothing shows that the list is older than the beacon" in text


def test_the_file_runs_alone(tmp_path: Path) -> None:
    alone = tmp_path / "verify_draw.py"
    alone.write_bytes(VERIFIER.read_bytes())
    proof = tmp_path / "proof.json"
    proof.write_text(json.dumps(bundle()))
    for arguments, status in (([str(proof)], 0), ([str(alone)], 1), ([str(tmp_path / "nothing")], 2)):
        command = [sys.executable, "-I", str(alone), *arguments]
        ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
        assert ended.returncode == status, ended.stdout + ended.stderr
        assert "Traceback" not in ended.stderr


def test_the_file_imports_only_the_standard_library() -> None:
    tree = ast.parse(VERIFIER.read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names
