"""The manifest of inventory."""

from luxewin.kit.manifest import Module
from luxewin.modules.inventory.repository.invariants import INVARIANTS
from luxewin.modules.inventory.routes import router

MODULE = Module(
    tags={
        "inventory": "Stock levels by variant and location: adjusted, transferred, never oversold.",
    },
    routers=[router],
    invariants=INVARIANTS,
    append_only=["inventory_movements"],
)
