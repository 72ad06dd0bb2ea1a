"""Confirming a payment: the buyer's decision (3-D Secure) is passed to the gateway, and the outcome is recorded."""

from uuid import UUID

from luxewin.kit.http.fields import must_match
from luxewin.kit.http.workflow_run import WorkflowRun
from luxewin.kit.idempotency import Intent
from luxewin.kit.transaction import Transaction
from luxewin.modules.orders import public as orders
from luxewin.modules.orders.public import OrderDetails
from luxewin.modules.payments import public as payments
from luxewin.modules.payments.public import Attempt, AttemptStatus, Gateways, Outcome
from luxewin.workflows.pay_order.errors import NothingToConfirm
from luxewin.workflows.pay_order.results import PaymentResult
from luxewin.workflows.pay_order.workflow import ORDER_DETAILS, result_of, settle_and_conclude


async def confirm_payment(
    run: WorkflowRun[PaymentResult[OrderDetails]], order_id: UUID, payment_id: UUID, *, approve: bool
) -> PaymentResult[OrderDetails]:
    """Pass the buyer's decision to the gateway, and record the outcome.

    Raises:
        PreconditionFailed: the order is not the version that `If-Match` names.
        OrderUnknown: the caller has no such order, or the order no such payment.
        NothingToConfirm: the payment does not wait for a confirmation.
    """
    context = run.context

    async def begin(tx: Transaction, intent: Intent) -> Attempt:
        order = await orders.visible_order(tx, context, context.service(orders.OrderTokens), order_id)
        if not intent.resumed:
            must_match(context, order.version)
        attempts = {attempt.id: attempt for attempt in await payments.attempts_of(tx, order.id)}
        if payment_id not in attempts:
            raise orders.OrderUnknown
        attempt = attempts[payment_id]
        if attempt.status is not AttemptStatus.REQUIRES_ACTION and not intent.resumed:
            raise NothingToConfirm(payment_status=attempt.status)
        return attempt

    async def dry_run_effect(tx: Transaction, intent: Intent) -> PaymentResult[OrderDetails]:
        attempt = await begin(tx, intent)
        return await result_of(tx, order_id, attempt.id, ORDER_DETAILS)

    if context.is_dry_run:
        return await run.dry_run(dry_run_effect)
    attempt = await run.claim(begin)
    outcome = await _confirm(context.service(Gateways), attempt, approve=approve)
    return await settle_and_conclude(run, attempt, outcome, ORDER_DETAILS)


async def _confirm(gateways: Gateways, attempt: Attempt, *, approve: bool) -> Outcome | None:
    """Return the gateway's outcome; None if an earlier try confirmed it and the outcome is recorded."""
    if attempt.status is not AttemptStatus.REQUIRES_ACTION:
        return None
    return await gateways.get(attempt.gateway).confirm(attempt.id, attempt.reference, approve=approve)
