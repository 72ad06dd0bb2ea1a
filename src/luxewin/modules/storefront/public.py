"""The front door of the storefront: what a program that serves it keeps running, and what it is to be told at once."""

from collections.abc import Mapping
from types import MappingProxyType

from luxewin.modules.inventory.events import AvailabilityChanged
from luxewin.modules.storefront.service.versions import STOCK_CHANNEL, Version, Versions

CHANNELS: Mapping[str, str] = MappingProxyType({AvailabilityChanged.type: STOCK_CHANNEL})
"""The facts that turn kept answers over, and the channel on which each is to be told with the tenant's id."""

__all__ = ["CHANNELS", "STOCK_CHANNEL", "Version", "Versions"]
