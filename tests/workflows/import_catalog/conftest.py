from tests.modules.catalog.conftest import other_shop, shop

__all__ = ["other_shop", "shop"]
