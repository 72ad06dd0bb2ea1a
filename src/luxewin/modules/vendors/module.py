"""What the module brings to the program."""

from luxewin.kit.manifest import Module
from luxewin.modules.vendors.routes import router

MODULE = Module(
    tags={
        "vendors": "Who sells in a marketplace.",
    },
    routers=[router],
)
