"""The running program with two shops in it."""

from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing

import httpx2
import pytest

from tests.program import Program
from tests.security.wire import api_processes
from tests.security.world import World, world_of


@pytest.fixture(scope="session")
async def world(program: Program) -> AsyncIterator[World]:
    """Two shops with one of everything, and everybody who comes to them."""
    async with aclosing(await program.admin()) as admin:
        super_admin = {"authorization": admin.headers["authorization"]}
    async with world_of(program.url, program.client, super_admin) as built:
        yield built


@pytest.fixture
def unharmed(program: Program) -> Iterator[None]:
    """The same processes still answer after each test, and none of them has told of a failure."""
    before, told = api_processes(program), len(program.output)
    yield
    assert api_processes(program) == before
    assert httpx2.get(f"{program.url}/health/live").status_code == 200
    assert "Traceback" not in program.output[told:], program.output[told:]
