"""Paying an order that was placed before, and confirming a payment that requires a confirmation."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar, assert_never
from uuid import UUID

from pydantic import BaseModel
from starlette.responses import Response

from luxewin.kit.access import everyone
from luxewin.kit.errors import PreconditionFailed
from luxewin.kit.http.context import CurrentContext, json_response, problem, response
from luxewin.kit.http.limits import MONEY
from luxewin.kit.http.priorities import Priority
from luxewin.kit.http.routing import Router
from luxewin.kit.http.workflow_run import run_workflow
from luxewin.kit.idempotency import StoredResponse
from luxewin.modules.orders.public import OrderNotPayable, OrderUnknown, OrderView
from luxewin.modules.payments.public import GatewayUnavailable, GatewayUnknown, PaymentDeclined, PaymentInProgress
from luxewin.modules.raffles.public import Excluded, NotEligible, SpendLimitReached
from luxewin.workflows.pay_order import confirmation, workflow
from luxewin.workflows.pay_order.errors import NothingToConfirm
from luxewin.workflows.pay_order.results import ActionRequired, CheckoutResult, Declined, Paid, Pending, Placed
from luxewin.workflows.pay_order.schemas import Confirmation, PaymentMeans

D = TypeVar("D")
router = Router("orders", priority=Priority.MONEY, rate_limit=MONEY, credential_headers=("x-order-token",))
PAY_ORDER = everyone("orders.pay")
UNKNOWN_OUTCOME: dict[int | str, dict[str, Any]] = {
    202: {"model": OrderView, "description": "The outcome is not known yet; it resolves by itself"}
}


def present(result: CheckoutResult[D], view: Callable[[D], BaseModel], *, request_id: str) -> StoredResponse:
    """Return the response of a result: 201, 202 while the outcome is unknown, or 402 if the payment was declined."""
    match result:
        case Placed() | Paid() | ActionRequired():
            return json_response(view(result.details), status=201)
        case Pending():
            return json_response(view(result.details), status=202)
        case Declined():
            return problem(_declined(result), request_id=request_id)
        case _:
            assert_never(result)


@router.operation(
    "POST",
    "/orders/{order_id}/payments",
    permission=PAY_ORDER,
    response_model=OrderView,
    status=201,
    errors=(
        OrderUnknown,
        OrderNotPayable,
        PaymentInProgress,
        PreconditionFailed,
        GatewayUnknown,
        GatewayUnavailable,
        PaymentDeclined,
        Excluded,
        NotEligible,
        SpendLimitReached,
    ),
    extra_responses=UNKNOWN_OUTCOME,
)
async def pay_order(context: CurrentContext, order_id: UUID, body: PaymentMeans) -> Response:
    """Pay an order.

    Returns 201 with the order, 202 while the outcome is unknown (it resolves by itself), and 402 if the payment was
    declined: the order then stays payable until it expires.
    """
    completed = await run_workflow(
        context,
        lambda run: workflow.pay_order(run, order_id, body),
        partial(present, view=OrderView.of, request_id=context.request_id),
    )
    return response(completed.response)


@router.operation(
    "POST",
    "/orders/{order_id}/payments/{payment_id}/confirm",
    permission=PAY_ORDER,
    response_model=OrderView,
    status=201,
    errors=(OrderUnknown, NothingToConfirm, PreconditionFailed, GatewayUnavailable, PaymentDeclined),
    extra_responses=UNKNOWN_OUTCOME,
)
async def confirm_payment(context: CurrentContext, order_id: UUID, payment_id: UUID, body: Confirmation) -> Response:
    """Confirm a payment that requires it.

    A payment with status `requires_action` waits for the buyer's decision, as in 3-D Secure.
    """
    completed = await run_workflow(
        context,
        lambda run: confirmation.confirm_payment(run, order_id, payment_id, approve=body.approve),
        partial(present, view=OrderView.of, request_id=context.request_id),
    )
    return response(completed.response)


def _declined(result: Declined) -> PaymentDeclined:
    return PaymentDeclined(
        f"The payment was declined ({result.reason or 'no reason given'}); the order can still be paid in another way",
        order_id=result.order_id,
        payment_id=result.payment_id,
        reason=result.reason,
    )
