"""The manifest of the workflow."""

from luxewin.kit.manifest import Module
from luxewin.workflows.export_catalog.routes import router

MODULE = Module(routers=[router])
