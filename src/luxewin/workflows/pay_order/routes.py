"""Paying an order that was placed before, and confirming a payment that asks for it."""

from typing import Any
from uuid import UUID

from starlette.responses import Response

from luxewin.kit.access import everyone
from luxewin.kit.errors import PaymentDeclined
from luxewin.kit.http.context import CurrentContext, response
from luxewin.kit.http.priorities import Priority
from luxewin.kit.http.routing import Router
from luxewin.modules.orders.public import OrderNotPayable, OrderUnknown, OrderView
from luxewin.modules.payments.public import GatewayUnknown, PaymentInProgress
from luxewin.modules.raffles.public import Excluded, NotEligible, SpendLimitReached
from luxewin.workflows.pay_order import confirmation, workflow
from luxewin.workflows.pay_order.schemas import Confirmation, PaymentMeans

router = Router("orders", priority=Priority.MONEY, credential_headers=("x-order-token",))
PAY_ORDER = everyone("orders.pay")
UNKNOWN_OUTCOME: dict[int | str, dict[str, Any]] = {
    202: {"model": OrderView, "description": "The outcome is not known yet; it resolves by itself"}
}


@router.operation(
    "POST",
    "/orders/{order_id}/payments",
    permission=PAY_ORDER,
    answers=OrderView,
    status=201,
    refuses=(
        OrderUnknown,
        OrderNotPayable,
        PaymentInProgress,
        GatewayUnknown,
        PaymentDeclined,
        Excluded,
        NotEligible,
        SpendLimitReached,
    ),
    also=UNKNOWN_OUTCOME,
)
async def pay_order(context: CurrentContext, order_id: UUID, body: PaymentMeans) -> Response:
    """Pay an order.

    Answers 201 with the order, 202 while the outcome is not known (it resolves by itself), and 402 when the payment
    was declined: the order then stays payable until it expires.
    """
    return response(await workflow.pay(context, order_id, gateway=body.gateway, token=body.token))


@router.operation(
    "POST",
    "/orders/{order_id}/payments/{payment_id}/confirm",
    permission=PAY_ORDER,
    answers=OrderView,
    status=201,
    refuses=(OrderUnknown, confirmation.NothingToConfirm, PaymentDeclined),
    also=UNKNOWN_OUTCOME,
)
async def confirm_payment(context: CurrentContext, order_id: UUID, payment_id: UUID, body: Confirmation) -> Response:
    """Confirm a payment that asked for it.

    A payment in state `requires_action` waits for the buyer, as 3-D Secure does; the answer decides it.
    """
    return response(await confirmation.confirm(context, order_id, payment_id, approve=body.approve))
