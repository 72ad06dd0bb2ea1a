"""The manifest of carts."""

from luxewin.kit.manifest import Module
from luxewin.modules.cart.routes import router

MODULE = Module(
    tags={
        "cart": "The cart of an account, or of a guest with a cart token.",
    },
    routers=[router],
)
