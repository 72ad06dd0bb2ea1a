"""The manifest of the workflow."""

from luxewin.kit.manifest import Module
from luxewin.workflows.buy_tickets.routes import router

MODULE = Module(routers=[router])
