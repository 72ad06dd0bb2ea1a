"""An application, a shop and a customer."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from luxewin.kit.database import Database
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.payments.public import Gateways
from tests.conftest import TestDatabase
from tests.modules.identity.app import Account, App


@pytest.fixture
async def app(database: Database) -> AsyncIterator[App]:
    opened = App(database, gateways=Gateways({}))
    yield opened
    opened.passwords.close()


@pytest.fixture
async def shop(app: App) -> Tenancy:
    return await app.create_shop()


@pytest.fixture
async def ada(app: App, shop: Tenancy) -> Account:
    """A customer of the shop."""
    return await app.create_account(shop)


@pytest.fixture
async def owner(test_database: TestDatabase) -> AsyncIterator[asyncpg.Connection]:
    """A connection of the owner of all tables, for tests that change timestamps or read every table."""
    connection = await asyncpg.connect(**test_database.owner)
    yield connection
    await connection.close()
