"""The use cases of carts; none of them commits.

A cart reserves nothing: its stock levels are only informative. Availability is guaranteed when the order is placed.
"""

from luxewin.modules.cart.service.details import Addition, Confirm, OpenCart, must_be_issued, read_cart
from luxewin.modules.cart.service.items import add_item, change_quantity, empty_cart, remove_item
from luxewin.modules.cart.service.merging import merge_guest
from luxewin.modules.cart.service.ordering import choose_items, close, entity_tag_of, open_cart
from luxewin.modules.cart.service.preparing import change_details, shipping_options
from luxewin.modules.cart.service.pricing import Price, PricedLine, price

__all__ = [
    "Addition",
    "Confirm",
    "OpenCart",
    "Price",
    "PricedLine",
    "add_item",
    "change_details",
    "change_quantity",
    "choose_items",
    "close",
    "empty_cart",
    "entity_tag_of",
    "merge_guest",
    "must_be_issued",
    "open_cart",
    "price",
    "read_cart",
    "remove_item",
    "shipping_options",
]
