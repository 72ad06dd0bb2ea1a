"""The public API of the storefront: its middleware and caches, and the events that invalidate them."""

from collections.abc import Mapping
from types import MappingProxyType

from luxewin.modules.catalog.public import CATALOG_CHANNEL
from luxewin.modules.inventory.events import AvailabilityChanged
from luxewin.modules.storefront.service.cache_versions import STOCK_CHANNEL, CacheVersion, CacheVersions
from luxewin.modules.vendors.events import VendorChanged

CHANNELS: Mapping[str, str] = MappingProxyType(
    {AvailabilityChanged.type: STOCK_CHANNEL, VendorChanged.type: CATALOG_CHANNEL}
)
"""The events that invalidate cached responses, each with the channel on which the tenant's id is notified."""

__all__ = ["CHANNELS", "STOCK_CHANNEL", "CacheVersion", "CacheVersions"]
