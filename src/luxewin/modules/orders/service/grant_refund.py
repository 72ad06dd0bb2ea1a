"""Granting a refund: the settlement is reversed in part, and money is owed to the buyer until the gateway sends it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from luxewin.kit.money import Money
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write
from luxewin.modules.inventory import public as inventory
from luxewin.modules.inventory.public import StockLine
from luxewin.modules.ledger import public as ledger
from luxewin.modules.ledger.public import AccountKind, Entry, Transfer
from luxewin.modules.orders import repository
from luxewin.modules.orders.domain.orders import Order
from luxewin.modules.orders.domain.refunds import Parts, RefundLine, granted_parts, left_parts, unreturned
from luxewin.modules.orders.errors import OrderNotRefundable
from luxewin.modules.orders.events import RefundGranted
from luxewin.modules.orders.service.receive_payment import income_entries
from luxewin.modules.payments import public as payments
from luxewin.modules.payments.public import Attempt, AttemptStatus
from luxewin.modules.raffles import public as raffles


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRequest:
    """What staff asks to give back: an amount, lines, or (neither) everything that is left."""

    refund_id: UUID
    amount: Money | None
    lines: Sequence[RefundLine] = field(default=())
    restock: bool = False
    reason: str


async def grant_refund(tx: Transaction, order: Order, request: RefundRequest) -> Money:
    """Grant a refund of a paid order and return its amount.

    Raises:
        OrderNotRefundable, RefundTooLarge, RefundInvalid, TicketsFinal: nothing was changed.
        OrderChanged: another refund was first; a fresh try sees what it left.
    """
    attempt = await captured_attempt(tx, order)
    left = left_parts(order, await repository.refunded_parts(tx, order))
    parts = granted_parts(request.amount, request.lines, order_lines=order.lines, left=left)
    tx.write(repository.touch(tx, order), *money_back(tx, order, attempt, request, parts))
    returned = request.lines or _returned(order, parts, restock=request.restock)
    if returned:
        tx.write(repository.give_back_lines(tx, order, returned))
    if request.restock:
        tx.write(*(await restocked(tx, order, returned, cause_id=request.refund_id)))
    await void_tickets(tx, order, returned)
    tx.publish(granted(order, request.refund_id, parts.total))
    return parts.total


async def captured_attempt(tx: Transaction, order: Order) -> Attempt:
    """Return the attempt that paid the order.

    Raises:
        OrderNotRefundable: nothing has been captured.
    """
    attempt = await payments.live_attempt(tx, order.id)
    if attempt is None or attempt.status is not AttemptStatus.CAPTURED:
        raise OrderNotRefundable
    return attempt


def money_back(tx: Transaction, order: Order, attempt: Attempt, request: RefundRequest, parts: Parts) -> list[Write]:
    """Return the writes that reverse the settlement and make the refund payable."""
    reversal = Transfer(
        request.refund_id,
        "refund_granted",
        order.id,
        (
            *(Entry(entry.kind, entry.owner_id, -entry.amount) for entry in income_entries(parts)),
            Entry(AccountKind.REFUNDS_PAYABLE, None, -parts.total),
        ),
    )
    grant = payments.grant_refund(
        tx,
        refund_id=request.refund_id,
        order_id=order.id,
        attempt=attempt,
        amount=parts.total,
        reason=request.reason,
    )
    recorded = repository.add_refund(tx, request.refund_id, order, parts, reason=request.reason)
    return [*grant, *ledger.post(tx, reversal), recorded]


async def restocked(tx: Transaction, order: Order, returned: Sequence[RefundLine], *, cause_id: UUID) -> list[Write]:
    """Return the writes that put returned pieces back on the shelf."""
    variants = {line.id: line.variant_id for line in order.lines if line.variant_id is not None}
    pieces = [StockLine(variants[line.line_id], line.quantity) for line in returned if line.line_id in variants]
    return [*await inventory.restock(tx, pieces, cause_id=cause_id, owner_id=order.id)] if pieces else []


async def void_tickets(tx: Transaction, order: Order, returned: Sequence[RefundLine]) -> None:
    """Void the tickets among what is returned; refused once their raffle is locked."""
    tickets = {line.id for line in order.tickets}
    purchases = [line.line_id for line in returned if line.line_id in tickets]
    if purchases:
        await raffles.refund_tickets(tx, purchases)


def granted(order: Order, refund_id: UUID, amount: Money) -> RefundGranted:
    """Return the fact that a refund was granted."""
    return RefundGranted(
        aggregate_id=order.id,
        aggregate_version=order.version + 1,
        order_id=order.id,
        refund_id=refund_id,
        amount_minor=amount.minor,
        currency=amount.currency,
    )


def _returned(order: Order, parts: Parts, *, restock: bool) -> list[RefundLine]:
    """Return what comes back where no lines were named: the tickets that were paid back, and goods to be restocked."""
    return unreturned(
        [line for line in order.lines if (restock if line.raffle_id is None else line.raffle_id in parts.tickets)]
    )
