"""An application with the simulator, a shop and a super admin."""

from collections.abc import AsyncIterator

import pytest

from luxewin.kit.database import Database
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.identity.public import Role
from luxewin.modules.payments.gateways.resilient import ResilientGateway
from luxewin.modules.payments.gateways.simulator.gateway import Simulator
from luxewin.modules.payments.public import Gateways
from tests.conftest import TestDatabase
from tests.modules.identity.app import Account, App


@pytest.fixture
async def gateways(test_database: TestDatabase) -> AsyncIterator[Gateways]:
    """The offered payment gateways: the real simulator, with its circuit breaker."""
    simulator = await Simulator.open(test_database.role("simulator"))
    yield Gateways([ResilientGateway(simulator)])
    await simulator.close()


@pytest.fixture
async def app(database: Database, gateways: Gateways) -> AsyncIterator[App]:
    opened = App(database, gateways=gateways)
    yield opened
    opened.passwords.close()


@pytest.fixture
async def shop(app: App) -> Tenancy:
    return await app.create_shop()


@pytest.fixture
async def super_admin(app: App, shop: Tenancy) -> Account:
    """A super admin of the installation."""
    return await app.create_account(shop, Role.SUPER_ADMIN)
