"""The manifest of the module."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from luxewin.kit.manifest import Module
from luxewin.kit.services import Services
from luxewin.modules.orders.public import OrderTokens
from luxewin.modules.orders.repository.invariants import INVARIANTS
from luxewin.modules.orders.routes import router
from luxewin.runtime.installation import Installation


@asynccontextmanager
async def _order_tokens(services: Services) -> AsyncIterator[OrderTokens]:
    yield OrderTokens(services[Installation].key("order-tokens"))


MODULE = Module(
    tags={"orders": "Placing, paying, cancelling and refunding orders."},
    routers=[router],
    services={OrderTokens: _order_tokens},
    invariants=INVARIANTS,
    append_only=["orders_history", "orders_refunds"],
)
