"""The manifest of the workflow."""

from luxewin.kit.manifest import Module
from luxewin.workflows.provision_tenant.routes import router

MODULE = Module(routers=[router])
