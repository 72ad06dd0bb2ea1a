"""The verifier in TypeScript, written from docs/lw1.md alone, gives the same verdicts as the one in Python."""

import functools
import json
import os
import random
import subprocess
import sys
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.tree import ROOT
from tests.modules.raffles.bundles import SIGNER, Draw, bundle, rescheduled, rules
from tests.modules.raffles.mutations import mutations
from tests.modules.raffles.test_recomputation import RAFFLES, shapes
from tests.modules.raffles.typescript import TypeScriptVerifier, Verdict
from tests.modules.raffles.vector_edges import DETAILS, MINED, anchored_rules
from tests.modules.raffles.vector_faults import compact
from verify import verify_draw

VECTORS = ROOT / "verify" / "lw1-vectors.json"
PYTHON_VERIFIER = ROOT / "verify" / "verify_draw.py"
STORED_PROOF = Path(__file__).parent / "stored" / "proof-without-details.json"
"""A proof from before rules had a hash of details."""
RANDOM_BUNDLES = RAFFLES if os.environ.get("LUXEWIN_TEST_AT_LENGTH") else 60


@pytest.fixture(scope="module")
def typescript(tmp_path_factory: pytest.TempPathFactory) -> TypeScriptVerifier:
    """The compiled verifier."""
    return TypeScriptVerifier.compiled(tmp_path_factory.mktemp("typescript"))


@pytest.fixture(autouse=True)
def cached_signatures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compute each pairing and each signature once: many mutated bundles have the same ones."""
    for name in ("beacon_verifies", "ed25519_verifies"):
        monkeypatch.setattr(verify_draw, name, functools.cache(getattr(verify_draw, name)))


def verdict(document: Any) -> Verdict:
    """Return the verdict of the verifier in Python."""
    caveats: list[verify_draw.Caveat] = []
    lines: list[str] = []
    read = verify_draw.run(dict(verify_draw.STEPS), json.dumps(document).encode(), lines.append, caveats)
    if read is None:
        return lines[-1].split()[2].rstrip(":"), []
    return None, [caveat.name for caveat in caveats]


def test_the_verifier_in_typescript_agrees_with_every_vector(typescript: TypeScriptVerifier) -> None:
    ended = typescript.run("--vectors", VECTORS)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout.count(" 0 disagreements") == len(json.loads(VECTORS.read_text(encoding="utf-8")))


def test_both_verifiers_agree_on_every_mutation(typescript: TypeScriptVerifier) -> None:
    documents = [changed for _, changed in mutations(bundle())]
    expected = [verdict(document) for document in documents]
    assert typescript.verdicts(documents) == expected
    assert all(error is not None for error, _ in expected)


def test_both_verifiers_agree_on_mutations_of_postponed_and_anchored_rules(typescript: TypeScriptVerifier) -> None:
    anchor = {**MINED, "block_timestamp": MINED["block_timestamp"] + 60}
    closes_at = rules()["closes_at"] + 60
    draw = Draw(versions=rescheduled(anchored_rules(), closes_at), locked_at=closes_at, anchor=anchor)
    made = draw.bundle()
    documents = [
        {**made, part: changed}
        for part in ("rules", "receipt", "anchor", "beacon")
        for _, changed in mutations(made[part])
    ]
    expected = [verdict(document) for document in documents]
    assert typescript.verdicts(documents) == expected
    assert all(error is not None for error, _ in expected)


def test_both_verifiers_agree_on_random_bundles_and_a_mutation_of_each(typescript: TypeScriptVerifier) -> None:
    generator = random.Random(20_261_201)  # noqa: S311 - reproducible test data
    documents = []
    for shape in islice(shapes(), RANDOM_BUNDLES):
        made = bundle(**shape)
        documents += [made, _mutated(made, generator)]
    expected = [verdict(document) for document in documents]
    assert typescript.verdicts(documents) == expected
    assert [error for error, _ in expected[::2]] == [None] * RANDOM_BUNDLES


def _mutated(document: Any, generator: random.Random) -> Any:
    """Return the document with one of its parts mutated once."""
    part = generator.choice(list(document))
    few = list(islice(mutations(document[part]), 200))
    return {**document, part: generator.choice(few)[1]}


def both(typescript: TypeScriptVerifier, *arguments: str | Path) -> list[tuple[int, str]]:
    """Return exit status, and step and error, of both commands; first those of Python."""
    command = [sys.executable, "-I", PYTHON_VERIFIER, *arguments]
    ended = (subprocess.run(command, capture_output=True, text=True, check=False), typescript.run(*arguments))
    return [(one.returncode, _refused(one.stdout)) for one in ended]


def _refused(output: str) -> str:
    lines = [line.split()[1:3] for line in output.splitlines() if line.startswith("  REFUSED")]
    return " ".join(lines[0]).rstrip(":") if lines else ""


def test_both_commands_have_the_same_exit_status_and_name_the_same_step_and_error(
    typescript: TypeScriptVerifier, tmp_path: Path
) -> None:
    def written(name: str, content: str) -> Path:
        (tmp_path / name).write_text(content, encoding="utf-8")
        return tmp_path / name

    proof = written(
        "proof.json", compact(bundle(details_hash=verify_draw.sha256(verify_draw.canonical(DETAILS)).hex()))
    )
    details, other = written("details.json", compact(DETAILS)), written("other.json", "{}")
    ticket = next(one for one in json.loads(VECTORS.read_text(encoding="utf-8"))["inclusion"] if "holder" in one)
    answer = written("ticket.json", compact(ticket["answer"]))
    key = ("--signing-key", SIGNER.public_key().public_bytes_raw().hex())
    holder = ("--salt", ticket["holder"]["salt"], "--account", ticket["holder"]["account"])
    for arguments, status, refused in (
        ((proof,), 0, ""),
        ((proof, "--details", details), 0, ""),
        ((proof, "--details", other), 1, "details details.hash"),
        ((STORED_PROOF,), 0, ""),
        ((STORED_PROOF, "--details", details), 1, "details details.hash"),
        ((other,), 1, "format format.shape"),
        ((answer, *key), 0, ""),
        ((answer, *key, *holder), 0, ""),
        ((answer, *key, "--salt", "00" * 32, *holder[2:]), 1, "holder inclusion.commit"),
        ((answer, "--signing-key", "00" * 32), 1, "inclusion inclusion.signature"),
        ((proof, *key), 1, "format format.shape"),
        ((tmp_path / "nothing.json",), 2, ""),
        ((proof, "--details", tmp_path / "nothing.json"), 2, ""),
        ((), 2, ""),
        ((proof, "--unknown"), 2, ""),
        ((answer, "--signing-key", "key"), 2, ""),
        ((answer, *key, *holder[:2]), 2, ""),
        ((answer, *holder), 2, ""),
        ((answer, *key, "--details", details), 2, ""),
    ):
        assert both(typescript, *arguments) == [(status, refused)] * 2, arguments
