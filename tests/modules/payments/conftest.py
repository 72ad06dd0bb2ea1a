from collections.abc import AsyncIterator

import pytest

from luxewin.kit.database import Database
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.payments.gateways.simulator.gateway import Simulator
from tests.conftest import TestDatabase
from tests.modules.payments.payment_flow import PaymentFlow


@pytest.fixture(scope="session")
async def simulator_session(test_database: TestDatabase) -> AsyncIterator[Simulator]:
    """The payment simulator, with its own connections."""
    opened = await Simulator.open(test_database.role("simulator"), size=16)
    yield opened
    await opened.close()


@pytest.fixture
async def simulator(simulator_session: Simulator) -> Simulator:
    """The payment simulator, without faults at the start of each test."""
    simulator_session.clear_faults()
    return simulator_session


@pytest.fixture
async def flow(database: Database, tenant: Tenancy, simulator: Simulator) -> AsyncIterator[PaymentFlow]:
    """A tenant's payments; the invariants must hold at the end of the test."""
    opened = PaymentFlow(database, tenant, simulator)
    yield opened
    assert await opened.violations() == []
