"""The queries of inventory."""

from luxewin.modules.inventory.repository.invariants import INVARIANTS
from luxewin.modules.inventory.repository.locations import add_location, location, locations
from luxewin.modules.inventory.repository.reservations import (
    active_reservations,
    add_reservations,
    backordered_reservations,
    end_reservations,
    keep_reservations,
    remove_expiry,
    unreturned_reservations,
)
from luxewin.modules.inventory.repository.stock import (
    add_movements,
    add_stock_rows,
    add_variants,
    adjust,
    availability,
    available_stock,
    begin_tracking,
    close_backorders,
    lock_stock,
    movements,
    open_backorders,
    stock_of,
    take_statistics,
    tracking_of,
    variant,
)

__all__ = [
    "INVARIANTS",
    "active_reservations",
    "add_location",
    "add_movements",
    "add_reservations",
    "add_stock_rows",
    "add_variants",
    "adjust",
    "availability",
    "available_stock",
    "backordered_reservations",
    "begin_tracking",
    "close_backorders",
    "end_reservations",
    "keep_reservations",
    "location",
    "locations",
    "lock_stock",
    "movements",
    "open_backorders",
    "remove_expiry",
    "stock_of",
    "take_statistics",
    "tracking_of",
    "unreturned_reservations",
    "variant",
]
