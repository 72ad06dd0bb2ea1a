"""The manifest of the workflow."""

from luxewin.kit.manifest import Module
from luxewin.workflows.refund_order.routes import router

MODULE = Module(routers=[router])
