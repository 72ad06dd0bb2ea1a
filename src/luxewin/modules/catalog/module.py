"""What the module brings to the program."""

from luxewin.kit.manifest import Module
from luxewin.modules.catalog.routes import router

MODULE = Module(
    tags={
        "catalog": "Products with variants, product types, categories, collections, tags.",
    },
    routers=[router],
)
