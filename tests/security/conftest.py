"""Fixtures for the security tests: two shops in the running program."""

from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing

import httpx2
import pytest

from tests.program import Program
from tests.security.raw_http import api_processes
from tests.security.shops import Shops, created_shops


@pytest.fixture(scope="session")
async def shops(program: Program) -> AsyncIterator[Shops]:
    """Two shops with one entity of each kind and one person of each role."""
    async with aclosing(await program.admin()) as admin:
        super_admin = {"authorization": admin.headers["authorization"]}
    async with created_shops(program.url, program.client, super_admin) as built:
        yield built


@pytest.fixture
def no_server_errors(program: Program) -> Iterator[None]:
    """After the test, the same API processes still respond, and none has logged a failure."""
    before, logged = api_processes(program), len(program.output)
    yield
    assert api_processes(program) == before
    assert httpx2.get(f"{program.url}/health/live").status_code == 200
    assert "Traceback" not in program.output[logged:], program.output[logged:]
