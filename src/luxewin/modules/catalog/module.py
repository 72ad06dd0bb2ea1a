"""The manifest of the catalogue."""

from luxewin.kit.manifest import Module
from luxewin.modules.catalog.routes import router

MODULE = Module(
    tags={
        "catalog": "Products with variants, product types, categories, collections, tags.",
    },
    routers=[router],
)
