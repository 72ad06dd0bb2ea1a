"""The public API of inventory.

Stock is reserved in two steps: `allocate` reads and chooses locations, `hold` writes the reservations and guarantees
them. A reservation is later consumed (sold) or released. No unit is sold twice, whatever requests run at the same time.
"""

from luxewin.modules.inventory.domain import (
    UNTRACKED,
    Allocation,
    Availability,
    NewStock,
    Reservation,
    StockLine,
)
from luxewin.modules.inventory.errors import (
    LocationUnknown,
    ReservationSettled,
    SoldOut,
    StockChanged,
    StockReserved,
    VariantUnknown,
)
from luxewin.modules.inventory.repository import INVARIANTS
from luxewin.modules.inventory.service import (
    active_reservations,
    allocate,
    availability,
    close_backorders,
    consume,
    correct,
    create_default_location,
    hold,
    lock_availability,
    open_backorders,
    release,
    release_undelivered,
    restock,
    set_stock,
    take_statistics,
    track,
)

__all__ = [
    "INVARIANTS",
    "UNTRACKED",
    "Allocation",
    "Availability",
    "LocationUnknown",
    "NewStock",
    "Reservation",
    "ReservationSettled",
    "SoldOut",
    "StockChanged",
    "StockLine",
    "StockReserved",
    "VariantUnknown",
    "active_reservations",
    "allocate",
    "availability",
    "close_backorders",
    "consume",
    "correct",
    "create_default_location",
    "hold",
    "lock_availability",
    "open_backorders",
    "release",
    "release_undelivered",
    "restock",
    "set_stock",
    "take_statistics",
    "track",
]
