"""The running program of a test process, shared by all tests that use it over HTTP."""

from collections.abc import Iterator

import pytest

from tests.program import Program


@pytest.fixture(scope="session")
def program() -> Iterator[Program]:
    """The running program with two API processes; all invariants are checked at the end."""
    with Program(processes=2) as running:
        yield running
        proof = running.command("prove")
        assert proof.returncode == 0, proof.stdout + proof.stderr
