"""The one running program of a test process, shared by every suite that talks to it over HTTP."""

from collections.abc import Iterator

import pytest

from tests.program import Program


@pytest.fixture(scope="session")
def program() -> Iterator[Program]:
    """The program with two API processes on one database; the laws hold when the last test has ended."""
    with Program(processes=2) as running:
        yield running
        proof = running.command("prove")
        assert proof.returncode == 0, proof.stdout + proof.stderr
