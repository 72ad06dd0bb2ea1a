"""The storefront's routes: its operations, their caches, and read-your-writes."""

from luxewin.modules.storefront.routes.cached_reads import CachedReads
from luxewin.modules.storefront.routes.operations import router
from luxewin.modules.storefront.routes.read_your_writes import ReadYourWrites

__all__ = ["CachedReads", "ReadYourWrites", "router"]
