"""The storefront's routes: its operations, the caches that they read through, and read-your-writes."""

from luxewin.modules.storefront.routes.cached_reads import CachedReads
from luxewin.modules.storefront.routes.operations import router
from luxewin.modules.storefront.routes.read_your_writes import ReadYourWrites

__all__ = ["CachedReads", "ReadYourWrites", "router"]
