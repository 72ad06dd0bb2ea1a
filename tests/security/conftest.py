"""The running program with two shops in it."""

from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from tests.program import Program
from tests.security.world import World, world_of


@pytest.fixture(scope="session")
async def world(program: Program) -> AsyncIterator[World]:
    """Two shops with one of everything, and everybody who comes to them."""
    async with aclosing(await program.admin()) as admin:
        super_admin = {"authorization": admin.headers["authorization"]}
    async with world_of(program.url, program.client, super_admin) as built:
        yield built
