"""The public API of shipping."""

from luxewin.modules.shipping.domain import Quote, ShippableLine
from luxewin.modules.shipping.errors import DestinationNotServed, ShippingMethodUnknown
from luxewin.modules.shipping.service import create_default, quote

__all__ = [
    "DestinationNotServed",
    "Quote",
    "ShippableLine",
    "ShippingMethodUnknown",
    "create_default",
    "quote",
]
