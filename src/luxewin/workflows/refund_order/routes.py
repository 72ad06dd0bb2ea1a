"""POST /orders/{id}/refunds."""

from typing import Any
from uuid import UUID

from starlette.responses import Response

from luxewin.kit.access import staff
from luxewin.kit.http.call import CurrentCall, response
from luxewin.kit.http.routing import Router
from luxewin.kit.idempotency import InFlight
from luxewin.modules.orders.public import (
    OrderChanged,
    OrderNotRefundable,
    OrderUnknown,
    RefundInvalid,
    RefundTooLarge,
    RefundView,
)
from luxewin.workflows.refund_order import story
from luxewin.workflows.refund_order.schemas import NewRefund

router = Router("orders")
REFUND_ORDER = staff("orders.refund")
UNKNOWN_REFUND: dict[int | str, dict[str, Any]] = {
    202: {"model": RefundView, "description": "The gateway's answer is not known yet"}
}


@router.operation(
    "POST",
    "/orders/{order_id}/refunds",
    permission=REFUND_ORDER,
    answers=RefundView,
    status=201,
    refuses=(OrderUnknown, OrderNotRefundable, RefundTooLarge, RefundInvalid, OrderChanged, InFlight),
    also=UNKNOWN_REFUND,
)
async def refund_order(call: CurrentCall, order_id: UUID, body: NewRefund) -> Response:
    """Refund an order, wholly or in part.

    Name an amount, or lines (their price is given back), or neither for all that is left. Never more than what was
    captured goes back, however many refunds meet. With `restock` the pieces return to the shelf.
    """
    return response(await story.refund_order(call, order_id, body))
