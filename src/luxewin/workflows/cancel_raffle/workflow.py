"""How a raffle ends without a draw: cancelled at once, given back purchase by purchase, resumed wherever it stopped."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeAlias
from uuid import UUID, uuid5

import structlog

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.errors import DomainError
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction
from luxewin.modules.orders import public as orders
from luxewin.modules.orders.public import RefundLine, RefundRequest
from luxewin.modules.payments.public import Gateways
from luxewin.modules.raffles import public as raffles
from luxewin.modules.raffles.public import Purchase, PurchaseStatus
from luxewin.workflows.expire_orders.workflow import end_waiting_payment

BATCH = 500
REASON = "the raffle was cancelled"
Work: TypeAlias = Callable[[Purchase], Awaitable[None]]
_BEFORE_ALL = UUID(int=0)

log = structlog.get_logger("cancel")


async def finish_cancelled_raffles(database: Database, tenant: Tenancy, gateways: Gateways) -> int:
    """End and give back what was bought of the tenant's cancelled raffles; return how many were not done yet.

    What is granted here is sent by whoever finishes refunds.
    """
    due = await database.run(tenant, SYSTEM, partial(raffles.due_cancelled, limit=BATCH))
    for raffle_id in due:
        await end_pending(database, tenant, gateways, raffle_id, note=REASON, although_unknown=True)
        await _give_back(database, tenant, raffle_id)
    return len(due)


async def end_pending(
    database: Database, tenant: Tenancy, gateways: Gateways, raffle_id: UUID, *, note: str, although_unknown: bool
) -> int:
    """End the orders that wait for their payment, and return how many purchases still wait.

    `although_unknown` ends those too whose payment's outcome is not known: if it surfaces, all of it goes back.
    """

    async def end(purchase: Purchase) -> None:
        assert purchase.order_id is not None, "only an order waits for its payment"
        await end_waiting_payment(database, tenant, gateways, purchase.order_id)
        close = partial(_close, order_id=purchase.order_id, note=note, although_unknown=although_unknown)
        await database.run(tenant, SYSTEM, close)

    await _each(database, tenant, raffle_id, PurchaseStatus.PENDING, end)
    return len(await _page(database, tenant, raffle_id, PurchaseStatus.PENDING))


async def _close(tx: Transaction, order_id: UUID, *, note: str, although_unknown: bool) -> None:
    order = await orders.find_order(tx, order_id)
    if order is not None:
        await orders.close_order(tx, order, note=note, although_unknown=although_unknown)


async def _give_back(database: Database, tenant: Tenancy, raffle_id: UUID) -> None:
    """Give back some purchases; of a large raffle the others follow, so that no other raffle waits for all of them."""

    async def refund(purchase: Purchase) -> None:
        await database.run(tenant, SYSTEM, partial(_refund, purchase=purchase))

    await _each(database, tenant, raffle_id, PurchaseStatus.PAID, refund, most=BATCH)


async def _refund(tx: Transaction, purchase: Purchase) -> None:
    """Grant one purchase's refund; its id follows from the purchase, and the purchase's state lets it happen once."""
    if not await raffles.is_paid(tx, purchase.id):
        return
    order = await orders.find_order(tx, purchase.order_id) if purchase.order_id and purchase.amount.minor else None
    if order is None:
        await raffles.refund_tickets(tx, [purchase.id])
        return
    request = RefundRequest(
        refund_id=uuid5(purchase.id, REASON),
        amount=None,
        lines=[RefundLine(purchase.id, purchase.quantity)],
        reason=REASON,
    )
    await orders.grant_refund(tx, order, request)


async def _each(
    database: Database, tenant: Tenancy, raffle_id: UUID, status: PurchaseStatus, work: Work, *, most: int | None = None
) -> None:
    """Do something to the purchases that stand so, the oldest first; one that refuses keeps no other waiting."""
    done, after, is_last = 0, _BEFORE_ALL, False
    while not is_last and (most is None or done < most):
        page = await _page(database, tenant, raffle_id, status, after=after)
        for purchase in page:
            try:
                await work(purchase)
                done += 1
            except DomainError as error:
                log.warning("put off; it will be tried again", purchase=str(purchase.id), error=error.code)
        is_last = len(page) < BATCH
        after = page[-1].id if page else after


async def _page(
    database: Database, tenant: Tenancy, raffle_id: UUID, status: PurchaseStatus, *, after: UUID = _BEFORE_ALL
) -> list[Purchase]:
    found = partial(raffles.purchases_in_status, raffle_id=raffle_id, status=status, after=after, limit=BATCH)
    return await database.run(tenant, SYSTEM, found)
