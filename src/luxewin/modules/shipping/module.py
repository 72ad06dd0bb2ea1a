"""What the module brings to the program."""

from luxewin.kit.manifest import Module
from luxewin.modules.shipping.routes import router

MODULE = Module(
    tags={
        "shipping": "Shipping methods and their prices.",
    },
    routers=[router],
)
