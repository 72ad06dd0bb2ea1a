"""What the workflow brings to the program."""

from luxewin.kit.manifest import Module
from luxewin.workflows.refund_order.routes import router

MODULE = Module(routers=[router])
