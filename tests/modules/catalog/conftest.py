from collections.abc import AsyncIterator

import pytest

from luxewin.kit.database import Database
from luxewin.kit.tenancy import Tenancy
from tests.modules.catalog.shop import Shop


@pytest.fixture
async def shop(database: Database, tenant: Tenancy) -> AsyncIterator[Shop]:
    """A tenant's catalogue; its invariants are checked at the end of the test."""
    opened = Shop(database, tenant)
    await opened.open()
    yield opened
    await opened.close()
    assert await opened.violated_invariants() == []


@pytest.fixture
async def other_shop(database: Database, other_tenant: Tenancy) -> AsyncIterator[Shop]:
    """Another tenant's catalogue."""
    opened = Shop(database, other_tenant)
    await opened.open()
    yield opened
    await opened.close()
