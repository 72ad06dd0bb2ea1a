"""The doors of two processes, and the installation's owner."""

from collections.abc import AsyncIterator

import pytest

from luxewin.kit.access import Role
from luxewin.kit.database import Database
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.payments.gateways.resilient import ResilientGateway
from luxewin.modules.payments.gateways.simulator.gateway import Simulator
from luxewin.modules.payments.public import Gateways
from tests.conftest import TestDatabase
from tests.modules.identity.door import Door, Member


@pytest.fixture
async def gateways(test_database: TestDatabase) -> AsyncIterator[Gateways]:
    """The offered payment gateways: the real simulator, with its circuit breaker."""
    simulator = await Simulator.open(test_database.role("simulator"))
    yield Gateways([ResilientGateway(simulator)])
    await simulator.close()


@pytest.fixture
async def door(database: Database, gateways: Gateways) -> AsyncIterator[Door]:
    opened = Door(database, gateways=gateways)
    yield opened
    opened.passwords.close()


@pytest.fixture
async def shop(door: Door) -> Tenancy:
    return await door.open_shop()


@pytest.fixture
async def boss(door: Door, shop: Tenancy) -> Member:
    """An administrator of the installation."""
    return await door.member(shop, Role.SUPER_ADMIN)
