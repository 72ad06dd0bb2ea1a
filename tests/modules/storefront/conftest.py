from collections.abc import AsyncIterator

import httpx2
import pytest

from luxewin.kit.database import Database
from luxewin.modules.identity.public import Role
from tests.modules.storefront.front import Front, Shop, known_versions, open_shop


@pytest.fixture
async def shop(database: Database) -> Shop:
    return await open_shop(database)


@pytest.fixture
async def front(database: Database, shop: Shop) -> Front:
    """One process with its caches."""
    return Front(database, shop, versions=known_versions())


@pytest.fixture
async def visitor(front: Front, shop: Shop) -> AsyncIterator[httpx2.AsyncClient]:
    """A client without an account."""
    async with front.client(shop) as client:
        yield client


@pytest.fixture
async def staff(front: Front, shop: Shop) -> AsyncIterator[httpx2.AsyncClient]:
    """A client with an administrator's account."""
    async with front.client(shop, Role.ADMIN) as client:
        yield client
