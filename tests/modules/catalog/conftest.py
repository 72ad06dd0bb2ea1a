from collections.abc import AsyncIterator

import pytest

from luxewin.kit.database import Database
from luxewin.kit.tenancy import Tenancy
from tests.modules.catalog.shop import Shop


@pytest.fixture
async def shop(database: Database, tenant: Tenancy) -> AsyncIterator[Shop]:
    """A tenant's catalogue; whatever a test did to it, its laws hold at the end."""
    opened = Shop(database, tenant)
    await opened.open()
    yield opened
    await opened.close()
    assert await opened.broken_laws() == []


@pytest.fixture
async def other_shop(database: Database, other_tenant: Tenancy) -> AsyncIterator[Shop]:
    """Another tenant's catalogue."""
    opened = Shop(database, other_tenant)
    await opened.open()
    yield opened
    await opened.close()
