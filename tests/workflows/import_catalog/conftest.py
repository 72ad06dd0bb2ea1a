from pathlib import Path

import pytest

from tests.modules.catalog.conftest import other_shop, shop
from tests.modules.catalog.shop import Shop
from tests.workflows.import_catalog.desk import Desk

__all__ = ["desk", "other_shop", "shop"]


@pytest.fixture(name="desk")
def desk(shop: Shop, tmp_path: Path) -> Desk:
    """The desk of the shop."""
    return Desk(shop, tmp_path)
