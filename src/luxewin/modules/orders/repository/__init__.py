"""Every query of orders."""

from luxewin.modules.orders.repository.invariants import INVARIANTS
from luxewin.modules.orders.repository.order_lists import page, vendor_page
from luxewin.modules.orders.repository.orders import (
    add,
    add_refund,
    add_returned_units,
    due,
    find,
    granted_refund,
    history,
    refunded_parts,
    touch,
    transition,
)

__all__ = [
    "INVARIANTS",
    "add",
    "add_refund",
    "add_returned_units",
    "due",
    "find",
    "granted_refund",
    "history",
    "page",
    "refunded_parts",
    "touch",
    "transition",
    "vendor_page",
]
