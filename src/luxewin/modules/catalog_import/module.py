"""The manifest of product files."""

from luxewin.kit.manifest import Module
from luxewin.modules.catalog_import.routes import router

MODULE = Module(
    tags={
        "imports": "Import and export of catalogues: CSV in the Shopify product format, JSONL.",
    },
    routers=[router],
)
