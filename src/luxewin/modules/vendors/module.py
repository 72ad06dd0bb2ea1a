"""What the module brings to the program."""

from luxewin.kit.manifest import Module
from luxewin.modules.vendors.routes import router

MODULE = Module(
    tags={
        "vendors": "The vendors of a marketplace.",
    },
    routers=[router],
)
