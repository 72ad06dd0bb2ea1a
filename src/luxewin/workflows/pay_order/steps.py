"""The steps of a payment, which other workflows also use: begin, charge, settle."""

from uuid import UUID

from luxewin.kit.access import Principal
from luxewin.kit.database import Database
from luxewin.kit.http.context import RequestContext
from luxewin.kit.http.middleware import BASE
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction
from luxewin.modules.orders import public as orders
from luxewin.modules.orders.public import HoldPolicy, Order, address_bucket
from luxewin.modules.payments import public as payments
from luxewin.modules.payments.public import Attempt, AttemptStatus, Outcome, PaymentGateway

VOIDABLE = {AttemptStatus.REQUIRES_ACTION, AttemptStatus.AUTHORISED}
"""States of an attempt that blocks its order but holds no money yet; the gateway can void it."""


async def begin_payment(tx: Transaction, order: Order, *, attempt_id: UUID, gateway: str, token: str) -> Attempt:
    """Record the intent to charge the order's total; the attempt's id is the gateway's idempotency key."""
    attempt = Attempt.new(
        attempt_id,
        order_id=order.id,
        amount=order.totals.total,
        gateway=gateway,
        token=token,
        at=await tx.now(),
    )
    tx.write(*payments.begin_attempt(tx, attempt))
    return attempt


def hold_policy(context: RequestContext, *, pays_now: bool) -> HoldPolicy:
    """Return the limits of what an order of this request reserves; `pays_now` if it comes with a payment."""
    return HoldPolicy(
        limits=orders.hold_limits(context.tenant.settings),
        address_bucket=address_bucket(context.tenant.id, context.address),
        pays_now=pays_now,
    )


async def charge(gateway: PaymentGateway, tenant: Tenancy, attempt: Attempt) -> Outcome:
    """Have the gateway charge under the attempt's id, so that repeated calls charge once."""
    confirm_url = f"{BASE}/orders/{attempt.order_id}/payments/{attempt.id}/confirm"
    return await gateway.charge(attempt.charge(merchant=str(tenant.id), confirm_url=confirm_url))


async def record(database: Database, tenant: Tenancy, principal: Principal, attempt_id: UUID, outcome: Outcome) -> None:
    """Record a gateway's outcome and its consequences in one transaction."""
    await database.run(tenant, principal, lambda tx: settle(tx, attempt_id, outcome))


async def settle(tx: Transaction, attempt_id: UUID, outcome: Outcome) -> None:
    """Apply an outcome to its attempt, and a capture to its order; the same outcome twice changes nothing."""
    attempt = await payments.attempt(tx, attempt_id)
    settled = payments.settle(tx, attempt, outcome)
    tx.write(*settled.writes)
    if settled.captured is not None:
        await orders.receive_payment(tx, settled.attempt, settled.captured)
