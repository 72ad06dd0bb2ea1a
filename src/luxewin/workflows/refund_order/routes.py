"""POST /orders/{id}/refunds, and a failed one sent again."""

from typing import Any
from uuid import UUID

from starlette.responses import Response

from luxewin.kit.access import staff
from luxewin.kit.http.context import CurrentContext, response
from luxewin.kit.http.priorities import Priority
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
from luxewin.modules.payments.public import RefundUnknown
from luxewin.workflows.refund_order import workflow
from luxewin.workflows.refund_order.errors import RefundNotFailed
from luxewin.workflows.refund_order.schemas import NewRefund

router = Router("orders", priority=Priority.MONEY)
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
async def refund_order(context: CurrentContext, order_id: UUID, body: NewRefund) -> Response:
    """Refund an order, wholly or in part.

    Name an amount, or lines (their price is given back), or neither for all that is left. Never more than what was
    captured goes back, however many refunds meet. With `restock` the pieces return to the shelf.
    """
    return response(await workflow.refund_order(context, order_id, body))


@router.operation(
    "POST",
    "/orders/{order_id}/refunds/{refund_id}/retry",
    permission=REFUND_ORDER,
    answers=RefundView,
    refuses=(RefundUnknown, RefundNotFailed),
)
async def retry_refund(context: CurrentContext, order_id: UUID, refund_id: UUID) -> Response:
    """Send a failed refund again.

    The gateway refused to send it, so it is still owed to the buyer. A refund is never sent twice: one that is on its
    way, or has arrived, is refused here.
    """
    return response(await workflow.retry_refund(context, order_id, refund_id))
