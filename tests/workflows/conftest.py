from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.conftest import PATIENT, TestDatabase
from tests.workflows.market import Market
from tests.workflows.mortality import MortalDatabase, MortalSimulator


@pytest.fixture(scope="session")
async def mortal_database(test_database: TestDatabase) -> AsyncIterator[MortalDatabase]:
    """A database whose client may crash."""
    opened = await MortalDatabase.open(test_database.role("app"), test_database.role("system"), PATIENT)
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
async def mortal_simulator(test_database: TestDatabase) -> AsyncIterator[MortalSimulator]:
    """A gateway whose client may crash."""
    opened = await MortalSimulator.open(test_database.role("simulator"))
    yield opened
    await opened.close()


@pytest.fixture
async def market(
    mortal_database: MortalDatabase, mortal_simulator: MortalSimulator, test_database: TestDatabase
) -> AsyncIterator[Market]:
    """A market; all invariants hold at the end of the test."""
    async with _opened(mortal_database, mortal_simulator, test_database) as opened:
        yield opened


@pytest.fixture
async def other_market(
    mortal_database: MortalDatabase, mortal_simulator: MortalSimulator, test_database: TestDatabase
) -> AsyncIterator[Market]:
    """Another shop in the same installation."""
    async with _opened(mortal_database, mortal_simulator, test_database) as opened:
        yield opened


@asynccontextmanager
async def _opened(
    database: MortalDatabase, simulator: MortalSimulator, test_database: TestDatabase
) -> AsyncIterator[Market]:
    simulator.clear_faults()
    opened = Market(database, simulator, test_database)
    await opened.open()
    yield opened
    opened.process.restart()
    simulator.clear_faults()
    assert await opened.find_violations() == []
    await opened.close()
