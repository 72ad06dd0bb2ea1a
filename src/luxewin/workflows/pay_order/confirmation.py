"""How a buyer's confirmation (3-D Secure) reaches the gateway, and what it says comes back."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from luxewin.kit.errors import Conflict
from luxewin.kit.http.context import RequestContext
from luxewin.kit.idempotency import Intent, StoredAnswer
from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.modules.orders import public as orders
from luxewin.modules.payments import public as payments
from luxewin.modules.payments.public import Attempt, AttemptStatus, Gateways, Outcome
from luxewin.workflows.pay_order.workflow import answer_for, conclude


class NothingToConfirm(Conflict):
    """The payment does not wait for anybody's confirmation."""

    code = "payments.nothing_to_confirm"
    title = "The payment is not waiting for a confirmation"


async def confirm(context: RequestContext, order_id: UUID, payment_id: UUID, *, approve: bool) -> StoredAnswer:
    """Tell the gateway the buyer's answer, and record what it says then."""

    async def begin(tx: Transaction, intent: Intent) -> Attempt:
        order = await orders.visible_order(tx, context, context.service(orders.OrderTokens), order_id)
        attempts = {attempt.id: attempt for attempt in await payments.attempts_of(tx, order.id)}
        if payment_id not in attempts:
            raise orders.OrderUnknown
        if attempts[payment_id].status is not AttemptStatus.REQUIRES_ACTION and not intent.resumed:
            raise NothingToConfirm(payment_status=attempts[payment_id].status)
        return attempts[payment_id]

    if context.is_dry_run:
        return await context.dry_run(lambda tx: _dry_run(tx, context, order_id, begin))
    claimed = await context.claim(begin)
    if isinstance(claimed, StoredAnswer):
        return claimed
    outcome = await _passed_on(context, claimed, approve=approve)
    return await conclude(context, order_id, attempt_id=claimed.id, outcome=outcome)


async def _passed_on(context: RequestContext, attempt: Attempt, *, approve: bool) -> Outcome | None:
    """Tell the gateway; None where it was told before a crash, and a sweep has recorded what it said."""
    if attempt.status is not AttemptStatus.REQUIRES_ACTION:
        return None
    gateway = context.service(Gateways).named(attempt.gateway)
    return await gateway.confirm(attempt.id, attempt.reference, approve=approve)


async def _dry_run(
    tx: Transaction, context: RequestContext, order_id: UUID, begin: Callable[[Transaction, Intent], Awaitable[Attempt]]
) -> StoredAnswer:
    attempt = await begin(tx, Intent(new_id(), resumed=False))
    return await answer_for(tx, context, order_id, attempt.id)
