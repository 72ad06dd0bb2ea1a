"""The manifest of the workflow."""

from luxewin.kit.manifest import Module
from luxewin.workflows.log_in.routes import router

MODULE = Module(routers=[router])
