"""Granting a refund: the settlement is reversed in part, and the money is payable until the gateway sends it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from luxewin.kit.money import Money
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write
from luxewin.modules.ledger import public as ledger
from luxewin.modules.ledger.public import AccountKind, Entry, Transfer
from luxewin.modules.orders import repository
from luxewin.modules.orders.domain.orders import GrantedRefund, Order, RefundLine
from luxewin.modules.orders.domain.refunds import Parts, granted_parts, left_parts, unreturned_lines
from luxewin.modules.orders.errors import OrderNotRefundable, RefundInvalid
from luxewin.modules.orders.events import RefundGranted
from luxewin.modules.orders.service.order_lines import deferred_lines, take_back
from luxewin.modules.orders.service.receive_payment import income_entries
from luxewin.modules.payments import public as payments
from luxewin.modules.payments.public import Attempt, AttemptStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRequest:
    """A refund as requested by staff: an amount, lines, or neither for everything that is left.

    With an amount, only the named lines go back into stock.
    """

    refund_id: UUID
    amount: Money | None
    lines: Sequence[RefundLine] = field(default=())
    restock: bool = False
    reason: str


async def grant_refund(tx: Transaction, order: Order, request: RefundRequest) -> Money:
    """Grant a refund of a paid order and return its amount.

    Raises:
        OrderNotRefundable, RefundTooLarge, RefundInvalid: nothing was changed.
        OrderChanged: another refund was granted first; a retry reads the remaining amount.
        DomainError: a kind of line cannot be refunded any more; nothing was changed.
    """
    if request.restock and request.amount is not None and not request.lines:
        raise RefundInvalid("Name the `lines` that go back into stock, or omit `restock`", pointer="/lines")
    attempt = await captured_attempt(tx, order)
    deferred = deferred_lines(order)
    left = left_parts(order, await repository.refunded_parts(tx, order), deferred=deferred)
    parts = granted_parts(request.amount, request.lines, order_lines=order.lines, left=left, deferred=deferred)
    returned = request.lines or _returned_lines(order, parts, deferred=deferred, restock=request.restock)
    refunded = request.lines or (unreturned_lines(order.lines) if request.amount is None else ())
    granted = GrantedRefund(request.refund_id, refunded, request.restock)
    tx.write(repository.touch(tx, order), *refund_writes(tx, order, attempt, granted, parts, reason=request.reason))
    if returned:
        tx.write(repository.add_returned_units(tx, order, returned))
        tx.write(*(await take_back(tx, order, returned, cause_id=request.refund_id, restock=request.restock)))
    tx.publish(refund_granted_event(order, request.refund_id, parts.total))
    return parts.total


async def captured_attempt(tx: Transaction, order: Order) -> Attempt:
    """Return the attempt that has paid the order.

    Raises:
        OrderNotRefundable: nothing was captured.
    """
    attempt = await payments.live_attempt(tx, order.id)
    if attempt is None or attempt.status is not AttemptStatus.CAPTURED:
        raise OrderNotRefundable
    return attempt


def refund_writes(
    tx: Transaction, order: Order, attempt: Attempt, granted: GrantedRefund, parts: Parts, *, reason: str
) -> list[Write]:
    """Return the writes that reverse the settlement and make the refund payable."""
    reversal = Transfer(
        granted.id,
        "refund_granted",
        order.id,
        (
            *(Entry(entry.kind, entry.owner_id, -entry.amount) for entry in income_entries(parts, order.lines)),
            Entry(AccountKind.REFUNDS_PAYABLE, None, -parts.total),
        ),
    )
    payable = payments.grant_refund(
        tx, refund_id=granted.id, order_id=order.id, attempt=attempt, amount=parts.total, reason=reason
    )
    recorded = repository.add_refund(tx, granted, order, parts, reason=reason)
    return [*payable, *ledger.post(tx, reversal), recorded]


def refund_granted_event(order: Order, refund_id: UUID, amount: Money) -> RefundGranted:
    """Return the event of granting a refund."""
    return RefundGranted(
        aggregate_id=order.id,
        aggregate_version=order.version + 1,
        order_id=order.id,
        refund_id=refund_id,
        amount_minor=amount.minor,
        currency=amount.currency,
    )


def _returned_lines(order: Order, parts: Parts, *, deferred: Collection[UUID], restock: bool) -> list[RefundLine]:
    """Return the returned lines of a refund that names none: refunded deferred lines, and others to restock."""
    return unreturned_lines(
        [line for line in order.lines if (line.id in parts.deferred if line.id in deferred else restock)]
    )
