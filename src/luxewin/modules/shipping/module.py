"""The manifest of shipping."""

from luxewin.kit.manifest import Module
from luxewin.modules.shipping.routes import router

MODULE = Module(
    tags={
        "shipping": "Shipping methods and their prices.",
    },
    routers=[router],
)
