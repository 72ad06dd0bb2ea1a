from collections.abc import AsyncIterator

import pytest

from luxewin.kit.database import Database
from luxewin.kit.tenancy import Tenancy
from tests.modules.inventory.stockroom import Stockroom


@pytest.fixture
async def stockroom(database: Database, tenant: Tenancy) -> AsyncIterator[Stockroom]:
    """A tenant's inventory; its invariants are checked at the end of the test."""
    room = Stockroom(database, tenant)
    await room.open()
    yield room
    assert await room.violated_invariants() == []


@pytest.fixture
async def other_room(database: Database, other_tenant: Tenancy) -> Stockroom:
    """Another tenant's inventory."""
    room = Stockroom(database, other_tenant)
    await room.open()
    return room
