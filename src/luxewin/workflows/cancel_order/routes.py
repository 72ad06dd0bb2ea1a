"""POST /orders/{id}/cancel."""

from uuid import UUID

from pydantic import ConfigDict, Field
from starlette.responses import Response

from luxewin.kit.access import everyone
from luxewin.kit.errors import PreconditionFailed
from luxewin.kit.http.context import CurrentContext, json_response, response
from luxewin.kit.http.fields import Body, ShortText
from luxewin.kit.http.priorities import Priority
from luxewin.kit.http.routing import Router
from luxewin.kit.http.workflow_run import run_workflow
from luxewin.kit.idempotency import InFlight
from luxewin.modules.orders.public import (
    OrderChanged,
    OrderNotCancellable,
    OrderUnknown,
    OrderView,
    PaymentUnderWay,
)
from luxewin.modules.payments.public import GatewayUnavailable, RefundExceedsCapture
from luxewin.workflows.cancel_order import workflow

router = Router("orders", priority=Priority.MONEY, credential_headers=("x-order-token",))
CANCEL_ORDER = everyone("orders.cancel")


class Cancellation(Body):
    """The reason for cancelling the order."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "ordered twice by mistake"}]})

    reason: ShortText = Field(default="cancelled by the buyer")


@router.operation(
    "POST",
    "/orders/{order_id}/cancel",
    permission=CANCEL_ORDER,
    response_model=OrderView,
    errors=(
        OrderUnknown,
        OrderNotCancellable,
        PaymentUnderWay,
        RefundExceedsCapture,
        OrderChanged,
        PreconditionFailed,
        GatewayUnavailable,
        InFlight,
    ),
)
async def cancel_order(context: CurrentContext, order_id: UUID, body: Cancellation | None = None) -> Response:
    """Cancel an order that has not been sent.

    Its stock is released; what was paid is refunded in full. It cannot be cancelled while the outcome of a payment is
    unknown.
    """
    reason = (body or Cancellation()).reason
    completed = await run_workflow(
        context,
        lambda run: workflow.cancel_order(run, order_id, reason=reason),
        lambda cancelled: json_response(OrderView.of(cancelled)),
    )
    return response(completed.response)
