from collections.abc import AsyncIterator

import httpx2
import pytest

from luxewin.kit.access import Role
from luxewin.kit.database import Database
from tests.modules.storefront.front import Front, Shop, hearing, open_shop


@pytest.fixture
async def shop(database: Database) -> Shop:
    return await open_shop(database)


@pytest.fixture
async def front(database: Database, shop: Shop) -> Front:
    """A front that keeps answers."""
    return Front(database, shop, versions=hearing())


@pytest.fixture
async def visitor(front: Front, shop: Shop) -> AsyncIterator[httpx2.AsyncClient]:
    """Somebody whom nobody knows."""
    async with front.client(shop) as client:
        yield client


@pytest.fixture
async def staff(front: Front, shop: Shop) -> AsyncIterator[httpx2.AsyncClient]:
    """Somebody who keeps the catalogue."""
    async with front.client(shop, Role.ADMIN) as client:
        yield client
