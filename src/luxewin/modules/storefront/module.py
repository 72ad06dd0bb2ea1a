"""The manifest of the storefront."""

from luxewin.kit.manifest import Module
from luxewin.modules.storefront.handlers import LISTENER
from luxewin.modules.storefront.public import CHANNELS
from luxewin.modules.storefront.routes import router

MODULE = Module(
    tags={
        "storefront": "What shoppers read: products, search, categories. Cached; updated within seconds of a change.",
    },
    routers=[router],
    listeners=[LISTENER],
    channels=CHANNELS,
)
