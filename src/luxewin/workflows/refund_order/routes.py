"""POST /orders/{id}/refunds, and sending a failed refund again."""

from typing import Any
from uuid import UUID

from starlette.responses import Response

from luxewin.kit.access import staff
from luxewin.kit.errors import PreconditionFailed
from luxewin.kit.http.context import CurrentContext, json_response, response
from luxewin.kit.http.priorities import Priority
from luxewin.kit.http.routing import Router
from luxewin.kit.http.workflow_run import run_workflow
from luxewin.kit.idempotency import InFlight, StoredResponse
from luxewin.modules.orders.public import (
    OrderChanged,
    OrderNotRefundable,
    OrderUnknown,
    RefundDetails,
    RefundInvalid,
    RefundTooLarge,
    RefundView,
)
from luxewin.modules.payments.public import GatewayUnavailable, RefundExceedsCapture, RefundStatus, RefundUnknown
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
    response_model=RefundView,
    status=201,
    errors=(
        OrderUnknown,
        OrderNotRefundable,
        RefundTooLarge,
        RefundInvalid,
        RefundExceedsCapture,
        OrderChanged,
        PreconditionFailed,
        GatewayUnavailable,
        InFlight,
    ),
    extra_responses=UNKNOWN_REFUND,
)
async def refund_order(context: CurrentContext, order_id: UUID, body: NewRefund) -> Response:
    """Refund an order, wholly or in part.

    Name an amount, or lines (their price is refunded), or neither for everything that is left. Refunds never exceed the
    captured amount, also if they are simultaneous; with the order's `ETag` as `If-Match`, the second of two people who
    refund at the same time is refused (412). With `restock` the returned units go back into stock; together with
    an amount, name the lines.
    """
    completed = await run_workflow(context, lambda run: workflow.refund_order(run, order_id, body), _present)
    return response(completed.response)


@router.operation(
    "POST",
    "/orders/{order_id}/refunds/{refund_id}/retry",
    permission=REFUND_ORDER,
    response_model=RefundView,
    errors=(RefundUnknown, RefundNotFailed, RefundExceedsCapture, GatewayUnavailable, InFlight),
)
async def retry_refund(context: CurrentContext, order_id: UUID, refund_id: UUID) -> Response:
    """Send a failed refund again.

    The gateway refused to send it, so it is still payable to the buyer. A refund is never executed twice: one that is
    being executed, or was executed, is refused here.
    """
    completed = await run_workflow(
        context,
        lambda run: workflow.retry_refund(run, order_id, refund_id),
        lambda details: json_response(RefundView.of(details)),
    )
    return response(completed.response)


def _present(details: RefundDetails) -> StoredResponse:
    """Present a refund: 201, or 202 while its outcome is unknown."""
    is_unknown = details.refund.status in {RefundStatus.EXECUTING, RefundStatus.UNKNOWN}
    return json_response(RefundView.of(details), status=202 if is_unknown else 201)
