"""The tables of the catalogue, and the views through which other modules may read them."""

from luxewin.modules.catalog.models import categories, collections, product_types, products, variants

__all__ = ["categories", "collections", "product_types", "products", "variants"]
