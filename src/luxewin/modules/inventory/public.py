"""The front door of inventory.

Stock is taken in two steps: `allocate` reads and chooses, `hold` writes and guarantees. What is held is later consumed
(sold) or released. Nothing is ever sold twice, whoever comes at the same moment.
"""

from luxewin.modules.inventory.domain import Allocation, NewStock, Reservation, StockLine
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
    allocate,
    available,
    consume,
    correct,
    create_default_location,
    held,
    hold,
    recount,
    release,
    restock,
    take_statistics,
    track,
)

__all__ = [
    "INVARIANTS",
    "Allocation",
    "LocationUnknown",
    "NewStock",
    "Reservation",
    "ReservationSettled",
    "SoldOut",
    "StockChanged",
    "StockLine",
    "StockReserved",
    "VariantUnknown",
    "allocate",
    "available",
    "consume",
    "correct",
    "create_default_location",
    "held",
    "hold",
    "recount",
    "release",
    "restock",
    "take_statistics",
    "track",
]
