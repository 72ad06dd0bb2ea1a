"""The manifest of the workflow."""

from luxewin.kit.manifest import Module
from luxewin.workflows.claim_prize.routes import router

MODULE = Module(routers=[router])
