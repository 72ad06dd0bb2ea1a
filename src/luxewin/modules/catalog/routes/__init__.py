"""The catalogue over HTTP, for staff and vendors; shoppers use the storefront."""

from luxewin.modules.catalog.routes import categories, collections, product_types, products
from luxewin.modules.catalog.routes.router import router

__all__ = ["categories", "collections", "product_types", "products", "router"]
