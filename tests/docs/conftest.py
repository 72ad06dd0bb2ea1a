"""A program of the documentation's own: fresh, as its reader has it after the first start."""

from collections.abc import Iterator

import pytest

from tests.program import Program


@pytest.fixture(scope="module")
def program() -> Iterator[Program]:
    """The program with its demo shops; the laws hold when the last document has been followed."""
    with Program(processes=1) as running:
        yield running
        proof = running.command("prove")
        assert proof.returncode == 0, proof.stdout + proof.stderr
