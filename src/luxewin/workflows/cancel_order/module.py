"""The manifest of the workflow."""

from luxewin.kit.manifest import Module
from luxewin.workflows.cancel_order.routes import router

MODULE = Module(routers=[router])
