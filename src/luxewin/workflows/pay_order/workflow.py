"""How an order is paid: never waiting for the gateway inside a transaction, never losing what it said."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from uuid import UUID

from pydantic import BaseModel

from luxewin.kit import idempotency
from luxewin.kit.access import Principal
from luxewin.kit.database import Database
from luxewin.kit.errors import Contended, PaymentDeclined, Unavailable
from luxewin.kit.http.context import RequestContext, answer
from luxewin.kit.http.middleware import BASE
from luxewin.kit.http.problems import problem_response
from luxewin.kit.idempotency import Intent, StoredAnswer
from luxewin.kit.ids import new_id
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction
from luxewin.modules.orders import public as orders
from luxewin.modules.orders.public import Order, OrderView
from luxewin.modules.payments import public as payments
from luxewin.modules.payments.public import Attempt, AttemptStatus, Gateway, Gateways, Outcome, Settled
from luxewin.modules.raffles import public as raffles

Shape = Callable[[Transaction, UUID], Awaitable[BaseModel]]
"""How an answer shows an order that is paid, or being paid, where not as an order."""

Begin = Callable[[Transaction, Intent], Awaitable[Attempt]]
_NOT_RECORDED_YET = "The order stands, and its payment is still being recorded; repeat this request under the same key"
NOT_YET_KNOWN = {AttemptStatus.CREATED, AttemptStatus.UNKNOWN, AttemptStatus.QUARANTINED}
ENDED_UNPAID = {AttemptStatus.DECLINED, AttemptStatus.VOIDED, AttemptStatus.EXPIRED}
ENDABLE = {AttemptStatus.REQUIRES_ACTION, AttemptStatus.AUTHORISED}
"""What holds an order and no money yet: a gateway that is asked gives it up."""


async def begin_payment(tx: Transaction, order: Order, *, attempt_id: UUID, gateway: str, token: str) -> Attempt:
    """Record the intent to charge the order's total; the attempt's id is the gateway's idempotency key."""
    attempt = Attempt.begun(
        attempt_id,
        order_id=order.id,
        amount=order.totals.total,
        gateway=gateway,
        token=token,
        at=await tx.now(),
    )
    tx.write(*payments.begin_attempt(tx, attempt))
    return attempt


async def charge(gateway: Gateway, tenant: Tenancy, attempt: Attempt) -> Outcome:
    """Ask the gateway to charge, under the attempt's id: a repeat charges once."""
    confirm_url = f"{BASE}/orders/{attempt.order_id}/payments/{attempt.id}/confirm"
    return await gateway.charge(attempt.charge(merchant=str(tenant.id), confirm_url=confirm_url))


async def record(database: Database, tenant: Tenancy, principal: Principal, attempt_id: UUID, outcome: Outcome) -> None:
    """Record what a gateway said, with all that follows from it, in one transaction."""
    await database.run(tenant, principal, lambda tx: settle(tx, attempt_id, outcome))


async def settle(tx: Transaction, attempt_id: UUID, outcome: Outcome) -> None:
    """Apply an outcome to its attempt, and a capture to its order; hearing it twice changes nothing."""
    attempt = await payments.attempt(tx, attempt_id)
    settled = payments.settle(tx, attempt, outcome)
    tx.write(*settled.writes)
    if settled.captured is not None:
        await orders.receive_payment(tx, settled.attempt, settled.captured)


async def pay(context: RequestContext, order_id: UUID, *, gateway: str, token: str) -> StoredAnswer:
    """Pay an order that was placed before."""
    context.service(Gateways).named(gateway)

    async def begin(tx: Transaction, intent: Intent) -> Attempt:
        if intent.resumed:
            return await payments.attempt(tx, intent.id)
        order = await orders.visible_order(tx, context, context.service(orders.OrderTokens), order_id)
        order = await orders.prepare_payment(tx, order)
        if order.tickets and order.user_id is not None:
            wanted = [line.raffle_id for line in order.tickets if line.raffle_id is not None]
            secrets = context.service(raffles.RaffleSecrets)
            await raffles.must_still_be_eligible(tx, wanted, entrant_id=order.user_id, secrets=secrets)
        return await begin_payment(tx, order, attempt_id=intent.id, gateway=gateway, token=token)

    if context.is_dry_run:
        return await context.dry_run(lambda tx: _dry_run(tx, context, order_id, begin))
    claimed = await context.claim(begin)
    if isinstance(claimed, StoredAnswer):
        return claimed
    return await finish(context, claimed)


async def finish(
    context: RequestContext, attempt: Attempt, *, placed: Order | None = None, shape: Shape | None = None
) -> StoredAnswer:
    """Charge, record the outcome with the answer it deserves, and return that answer.

    `placed` is the order where this very call has placed it, so that nothing of it has to be read again. With a `shape`
    the answer is put together in a transaction of its own: what the settlement locks is held no longer than it must.

    Raises:
        Unavailable: what the gateway said could not be recorded yet.
    """
    try:
        return await _finish(context, attempt, placed, shape)
    except Contended as held:
        # No refusal: the order stands, and may have been paid by now.
        raise Unavailable(_NOT_RECORDED_YET, retry_after_seconds=1) from held


async def _finish(context: RequestContext, attempt: Attempt, placed: Order | None, shape: Shape | None) -> StoredAnswer:
    outcome = None
    if attempt.status is AttemptStatus.CREATED:
        outcome = await charge(context.service(Gateways).named(attempt.gateway), context.tenant, attempt)
    if placed is not None and outcome is not None and outcome.captures(attempt.amount):
        # Who else has touched the order or the attempt meanwhile is seen by the other way, which reads afresh.
        with suppress(orders.OrderChanged, payments.PaymentChanged, raffles.TicketsMoved):
            if shape is None:
                return await context.read(lambda tx: _pay_at_once(tx, context, placed, attempt, outcome))
            await context.read(lambda tx: _captured(tx, placed, attempt, outcome))
            return await context.read(lambda tx: _answered_apart(tx, context, placed.id, shape))
    return await conclude(context, attempt.order_id, attempt_id=attempt.id, outcome=outcome, shape=shape)


async def _pay_at_once(
    tx: Transaction, context: RequestContext, placed: Order, attempt: Attempt, outcome: Outcome
) -> StoredAnswer:
    paid, settled = await _captured(tx, placed, attempt, outcome)
    answered = answer(OrderView.of(await orders.sheet_of_first_payment(tx, placed, paid, settled)), status=201)
    if context.key is not None:
        tx.write(idempotency.store(tx, context.key, answered))
    return answered


async def _captured(tx: Transaction, placed: Order, attempt: Attempt, outcome: Outcome) -> tuple[Order, Settled]:
    settled = payments.settle(tx, attempt, outcome)
    tx.write(*settled.writes)
    return await orders.receive_payment(tx, settled.attempt, attempt.amount, known=placed), settled


async def _answered_apart(tx: Transaction, context: RequestContext, order_id: UUID, shape: Shape) -> StoredAnswer:
    answered = answer(await shape(tx, order_id), status=201)
    if context.key is not None:
        tx.write(idempotency.store(tx, context.key, answered))
    return answered


async def conclude(
    context: RequestContext, order_id: UUID, *, attempt_id: UUID, outcome: Outcome | None, shape: Shape | None = None
) -> StoredAnswer:
    """Record an outcome and store the answer under the caller's key, in one transaction."""

    async def effect(tx: Transaction) -> StoredAnswer:
        if outcome is not None:
            await settle(tx, attempt_id, outcome)
            await tx.flush()
        concluded = await answer_for(tx, context, order_id, attempt_id, shape)
        if context.key is not None:
            tx.write(idempotency.store(tx, context.key, concluded))
        return concluded

    return await context.read(effect)


async def answer_for(
    tx: Transaction, context: RequestContext, order_id: UUID, attempt_id: UUID, shape: Shape | None = None
) -> StoredAnswer:
    """Shape the answer to a payment: 201, 202 while the outcome is unknown, 402 where it was declined."""
    order = await orders.find_order(tx, order_id)
    if order is None:
        raise orders.OrderUnknown
    attempt = await payments.attempt(tx, attempt_id)
    if attempt.status in ENDED_UNPAID:
        declined = PaymentDeclined(_why(attempt), order_id=order_id, payment_id=attempt_id, reason=attempt.reason)
        problem = problem_response(declined, request_id=context.request_id)
        return StoredAnswer(problem.status_code, bytes(problem.body), {"content-type": problem.headers["content-type"]})
    view = await shape(tx, order_id) if shape else OrderView.of(await orders.sheet_of(tx, order))
    return answer(view, status=202 if attempt.status in NOT_YET_KNOWN else 201)


async def _dry_run(tx: Transaction, context: RequestContext, order_id: UUID, begin: Begin) -> StoredAnswer:
    attempt = await begin(tx, Intent(new_id(), resumed=False))
    await tx.flush()
    return await answer_for(tx, context, order_id, attempt.id)


def _why(attempt: Attempt) -> str:
    return f"The payment was declined ({attempt.reason or 'no reason given'}); the order can still be paid otherwise"
