"""The public API of the storefront: what a program that serves it runs, and which events it is notified of."""

from collections.abc import Mapping
from types import MappingProxyType

from luxewin.modules.inventory.events import AvailabilityChanged
from luxewin.modules.storefront.service.cache_versions import STOCK_CHANNEL, CacheVersion, CacheVersions

CHANNELS: Mapping[str, str] = MappingProxyType({AvailabilityChanged.type: STOCK_CHANNEL})
"""The events that invalidate cached responses, and the channel on which each is notified with the tenant's id."""

__all__ = ["CHANNELS", "STOCK_CHANNEL", "CacheVersion", "CacheVersions"]
