"""The storefront's way out: the declared operations, and the dispatcher that answers them before the router."""

from luxewin.modules.storefront.routes.fresh import ReadYourWrites
from luxewin.modules.storefront.routes.hot import HotReads
from luxewin.modules.storefront.routes.operations import router

__all__ = ["HotReads", "ReadYourWrites", "router"]
