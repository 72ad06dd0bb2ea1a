"""Cancelling a raffle: its sales end at once, then each purchase is refunded; an interrupted run is continued."""

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
from luxewin.modules.raffles.public import Purchase, PurchaseStatus, RaffleDetails
from luxewin.workflows.expire_orders.workflow import end_waiting_payment

BATCH = 500
REASON = "the raffle was cancelled"
Work: TypeAlias = Callable[[Purchase], Awaitable[None]]
_BEFORE_ALL = UUID(int=0)

log = structlog.get_logger("cancel")


async def cancel_raffle(
    tx: Transaction, raffle_id: UUID, *, reason: str, confirm: Callable[[int], None]
) -> RaffleDetails:
    """Cancel an open raffle; its purchases are refunded by `finish_cancelled_raffles`.

    `confirm` is called with the raffle's version, and raises if the caller expected another one.

    Raises:
        RaffleUnknown, RaffleStateForbids, RaffleChanged: it was not cancelled.
    """
    raffle = await raffles.find_raffle(tx, raffle_id)
    confirm(raffle.version)
    await raffles.cancel_raffle(tx, raffle, reason=reason)
    await tx.flush()
    return await raffles.details_of(tx, await raffles.find_raffle(tx, raffle_id))


async def finish_cancelled_raffles(database: Database, tenant: Tenancy, gateways: Gateways) -> int:
    """End and refund the purchases of the tenant's cancelled raffles; return how many raffles were not finished.

    Refunds are granted here; the sweep of due refunds has them executed.
    """
    due = await database.run(tenant, SYSTEM, partial(raffles.due_cancelled, limit=BATCH))
    for raffle_id in due:
        await end_pending(database, tenant, gateways, raffle_id, note=REASON, although_unknown=True)
        await _refund_some(database, tenant, raffle_id)
    return len(due)


async def end_pending(
    database: Database, tenant: Tenancy, gateways: Gateways, raffle_id: UUID, *, note: str, although_unknown: bool
) -> int:
    """End a raffle's orders that await their payment, and return how many purchases are still pending.

    `although_unknown` also ends orders whose payment has an unknown outcome: money captured later is refunded in full.
    """

    async def end(purchase: Purchase) -> None:
        assert purchase.order_id is not None, "a pending purchase belongs to an order"
        await end_waiting_payment(database, tenant, gateways, purchase.order_id)
        close = partial(_close, order_id=purchase.order_id, note=note, although_unknown=although_unknown)
        await database.run(tenant, SYSTEM, close)

    await _each(database, tenant, raffle_id, PurchaseStatus.PENDING, end)
    return len(await _page(database, tenant, raffle_id, PurchaseStatus.PENDING))


async def _close(tx: Transaction, order_id: UUID, *, note: str, although_unknown: bool) -> None:
    order = await orders.find_order(tx, order_id)
    if order is not None:
        await orders.close_order(tx, order, note=note, although_unknown=although_unknown)


async def _refund_some(database: Database, tenant: Tenancy, raffle_id: UUID) -> None:
    """Refund a batch of purchases; a large raffle takes several sweeps, so that other raffles do not wait for it."""

    async def refund(purchase: Purchase) -> None:
        await database.run(tenant, SYSTEM, partial(_refund, purchase=purchase))

    await _each(database, tenant, raffle_id, PurchaseStatus.PAID, refund, most=BATCH)


async def _refund(tx: Transaction, purchase: Purchase) -> None:
    """Grant the refund of a purchase, once: its id derives from the purchase's, whose status is checked."""
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
    """Do the work for each purchase in this status, the oldest first; one that fails does not stop the others."""
    done, after, is_last = 0, _BEFORE_ALL, False
    while not is_last and (most is None or done < most):
        page = await _page(database, tenant, raffle_id, status, after=after)
        for purchase in page:
            try:
                await work(purchase)
                done += 1
            except DomainError as error:
                log.warning("not finished; it will be retried", purchase=str(purchase.id), error=error.code)
        is_last = len(page) < BATCH
        after = page[-1].id if page else after


async def _page(
    database: Database, tenant: Tenancy, raffle_id: UUID, status: PurchaseStatus, *, after: UUID = _BEFORE_ALL
) -> list[Purchase]:
    found = partial(raffles.purchases_in_status, raffle_id=raffle_id, status=status, after=after, limit=BATCH)
    return await database.run(tenant, SYSTEM, found)
