"""The manifest of the workflow."""

from luxewin.kit.manifest import Module
from luxewin.workflows.check_out.routes import router

MODULE = Module(routers=[router])
