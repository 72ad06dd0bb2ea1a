"""A newly installed program for the commands of one document."""

from collections.abc import Iterator

import pytest

from tests.program import Program


@pytest.fixture(scope="module")
def program() -> Iterator[Program]:
    """The program with its demo shops; all invariants are checked at the end."""
    with Program(processes=1) as running:
        yield running
        proof = running.command("prove")
        assert proof.returncode == 0, proof.stdout + proof.stderr
