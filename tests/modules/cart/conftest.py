import pytest

from luxewin.kit.database import Database
from luxewin.kit.tenancy import Tenancy
from tests.modules.cart.shop import Shop


@pytest.fixture
async def shop(database: Database, tenant: Tenancy) -> Shop:
    """A shop that is open."""
    opened = Shop(database, tenant)
    await opened.open()
    return opened


@pytest.fixture
async def other_shop(database: Database, other_tenant: Tenancy) -> Shop:
    """Another tenant's shop."""
    opened = Shop(database, other_tenant)
    await opened.open()
    return opened
