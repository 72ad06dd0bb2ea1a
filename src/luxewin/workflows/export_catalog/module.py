"""What the workflow brings to the program."""

from luxewin.kit.manifest import Module
from luxewin.workflows.export_catalog.routes import router

MODULE = Module(routers=[router])
