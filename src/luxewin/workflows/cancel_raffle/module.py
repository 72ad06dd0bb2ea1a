"""The manifest of the workflow."""

from luxewin.kit.manifest import Module
from luxewin.workflows.cancel_raffle.routes import router

MODULE = Module(routers=[router])
