"""The use cases of inventory, one verb each; none of them commits."""

from luxewin.modules.inventory.service.adjust_stock import AdjustStock, adjust_stock
from luxewin.modules.inventory.service.locations import add_location, create_default_location, list_locations
from luxewin.modules.inventory.service.read_stock import (
    availability,
    lock_availability,
    lock_stock_of,
    movements_of,
    stock_of,
    take_statistics,
)
from luxewin.modules.inventory.service.reserve_stock import allocate, hold
from luxewin.modules.inventory.service.restock import release_undelivered, restock
from luxewin.modules.inventory.service.set_backorders import close_backorders, open_backorders
from luxewin.modules.inventory.service.set_stock import correct, set_stock
from luxewin.modules.inventory.service.settle_reservations import active_reservations, consume, release
from luxewin.modules.inventory.service.track_stock import track
from luxewin.modules.inventory.service.transfer_stock import TransferStock, transfer_stock

__all__ = [
    "AdjustStock",
    "TransferStock",
    "active_reservations",
    "add_location",
    "adjust_stock",
    "allocate",
    "availability",
    "close_backorders",
    "consume",
    "correct",
    "create_default_location",
    "hold",
    "list_locations",
    "lock_availability",
    "lock_stock_of",
    "movements_of",
    "open_backorders",
    "release",
    "release_undelivered",
    "restock",
    "set_stock",
    "stock_of",
    "take_statistics",
    "track",
    "transfer_stock",
]
