"""A door in front of identity, and a shop behind it."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from luxewin.kit.database import Database
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.payments.public import Gateways
from tests.conftest import TestDatabase
from tests.modules.identity.door import Door, Member


@pytest.fixture
async def door(database: Database) -> AsyncIterator[Door]:
    opened = Door(database, gateways=Gateways({}))
    yield opened
    opened.passwords.close()


@pytest.fixture
async def shop(door: Door) -> Tenancy:
    return await door.open_shop()


@pytest.fixture
async def ada(door: Door, shop: Tenancy) -> Member:
    """A customer of the shop."""
    return await door.member(shop)


@pytest.fixture
async def owner(test_database: TestDatabase) -> AsyncIterator[asyncpg.Connection]:
    """The owner of all tables, for whom a test moves time or looks under every stone."""
    connection = await asyncpg.connect(**test_database.owner)
    yield connection
    await connection.close()
