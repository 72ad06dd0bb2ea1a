"""Every query of inventory."""

from luxewin.modules.inventory.repository.invariants import INVARIANTS
from luxewin.modules.inventory.repository.locations import add_location, location, locations
from luxewin.modules.inventory.repository.reservations import (
    add_reservations,
    end_reservations,
    held_for,
    keep_reservations,
    owed,
)
from luxewin.modules.inventory.repository.stock import (
    add_movements,
    add_shelves,
    add_variants,
    availability,
    begin_tracking,
    lock_stock,
    movements,
    shelves,
    shift,
    stock_of,
    take_statistics,
    tracked_among,
    tracking_of,
    variant,
)

__all__ = [
    "INVARIANTS",
    "add_location",
    "add_movements",
    "add_reservations",
    "add_shelves",
    "add_variants",
    "availability",
    "begin_tracking",
    "end_reservations",
    "held_for",
    "keep_reservations",
    "location",
    "locations",
    "lock_stock",
    "movements",
    "owed",
    "shelves",
    "shift",
    "stock_of",
    "take_statistics",
    "tracked_among",
    "tracking_of",
    "variant",
]
