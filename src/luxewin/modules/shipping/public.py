"""The public API of shipping.

The view `shipping_v_methods` has a row for each method on offer; `methods_of` returns the methods of its rows.
"""

from luxewin.modules.shipping.domain import (
    Quote,
    ShippableLine,
    ShippingMethod,
    known_quote,
    options,
)
from luxewin.modules.shipping.errors import DestinationNotServed, ShippingMethodUnknown
from luxewin.modules.shipping.repository import methods_of
from luxewin.modules.shipping.service import create_default, offered_methods, quote

__all__ = [
    "DestinationNotServed",
    "Quote",
    "ShippableLine",
    "ShippingMethod",
    "ShippingMethodUnknown",
    "create_default",
    "known_quote",
    "methods_of",
    "offered_methods",
    "options",
    "quote",
]
