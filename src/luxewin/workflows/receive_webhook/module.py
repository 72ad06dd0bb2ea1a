"""The manifest of the workflow."""

from luxewin.kit.manifest import Module
from luxewin.workflows.receive_webhook.routes import router

MODULE = Module(routers=[router])
