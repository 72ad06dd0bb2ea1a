"""Refunds: granted against what was captured, executed at the gateway, and tried again where it failed."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from luxewin.kit.errors import InvalidInput
from luxewin.kit.money import Money
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write
from luxewin.modules.ledger import public as ledger
from luxewin.modules.payments import repository
from luxewin.modules.payments.domain.attempts import Attempt
from luxewin.modules.payments.domain.gateway_messages import RefundOutcome
from luxewin.modules.payments.domain.refunds import Refund, RefundStatus, next_status
from luxewin.modules.payments.errors import RefundUnknown, TransitionRefused
from luxewin.modules.payments.events import RefundExecuted, RefundFailed
from luxewin.modules.payments.repository.refunds import DueRefund
from luxewin.modules.payments.service.clearing import refund_transfer

__all__ = [
    "DueRefund",
    "begin_refund",
    "due_refunds",
    "grant_refund",
    "look_up_refund_later",
    "refund",
    "refunds_of",
    "settle_refund",
]


def grant_refund(
    tx: Transaction, *, refund_id: UUID, order_id: UUID, attempt: Attempt, amount: Money, reason: str
) -> list[Write]:
    """Return the writes that grant a refund; what it is booked against is its caller's to say.

    Raises:
        RefundExceedsCapture: (at the flush) more than what was captured, less refunds that have not failed and what is
            disputed; of simultaneous refunds only those that fit are granted.
    """
    if amount.minor <= 0:
        raise InvalidInput("A refund gives back at least one minor unit", pointer="/amount/amount")
    money = {"amount_minor": amount.minor, "currency": amount.currency}
    tx.audit("payments.refund_granted", target=refund_id, after={"order_id": order_id, "reason": reason, **money})
    return [
        repository.reserve_refund(tx, attempt.id, amount),
        repository.add_refund(
            tx, refund_id=refund_id, order_id=order_id, attempt_id=attempt.id, amount=amount, reason=reason
        ),
    ]


async def begin_refund(tx: Transaction, refund_id: UUID) -> Refund:
    """Begin to execute a refund and return it; `refund.instruction` is what to tell the gateway after the commit.

    A refund that is being executed, or whose outcome is unknown, comes back as it is: telling the gateway again repeats
    the same try. A failed one begins a fresh try.

    Raises:
        RefundUnknown: there is none of this id.
        TransitionRefused: it is executed.
        RefundExceedsCapture: (at the flush) it had failed, and others have used up what was left.
    """
    found = await refund(tx, refund_id)
    match found.status:
        case RefundStatus.EXECUTING | RefundStatus.UNKNOWN:
            return found
        case RefundStatus.EXECUTED:
            raise TransitionRefused(refund_id=refund_id, refund_status=found.status)
        case RefundStatus.GRANTED | RefundStatus.FAILED:
            begun = replace(
                found,
                status=RefundStatus.EXECUTING,
                failure=None,
                tries=found.tries + 1,
                version=found.version + 1,
            )
            tx.write(repository.transition_refund(tx, found, begun))
            if found.status is RefundStatus.FAILED:
                tx.write(repository.reserve_refund(tx, found.attempt_id, found.amount))
            return begun


def settle_refund(tx: Transaction, refund: Refund, outcome: RefundOutcome) -> list[Write]:
    """Return the writes that apply what a gateway said to a refund; none where it told nothing new.

    An executed refund is booked as refunds payable / gateway clearing; a failed one stays payable, and what it had
    reserved of the capture is free again.

    Raises:
        TransitionRefused: the outcome contradicts what is recorded.
        PaymentChanged: (at the flush) another outcome was recorded at the same moment; a fresh try sees it.
    """
    target = next_status(refund, outcome)
    if target is None:
        return []
    after = replace(
        refund,
        status=target,
        reference=outcome.reference or refund.reference,
        failure=outcome.reason,
        version=refund.version + 1,
    )
    moved = repository.transition_refund(tx, refund, after)
    money = {"amount_minor": refund.amount.minor, "currency": refund.amount.currency}
    common: dict[str, Any] = {
        "aggregate_id": refund.id,
        "aggregate_version": after.version,
        "refund_id": refund.id,
        "attempt_id": refund.attempt_id,
        "order_id": refund.order_id,
        **money,
    }
    if target is RefundStatus.EXECUTED:
        tx.publish(RefundExecuted(**common))
        tx.audit("payments.refund_executed", target=refund.id, after={"order_id": refund.order_id, **money})
        return [moved, repository.add_refund_event(tx, after), *ledger.post(tx, refund_transfer(after))]
    if target is RefundStatus.FAILED:
        tx.publish(RefundFailed(**common, failure=after.failure))
        return [moved, repository.release_refund(tx, refund.attempt_id, refund.amount)]
    return [moved]


async def refund(tx: Transaction, refund_id: UUID) -> Refund:
    """Return a refund.

    Raises:
        RefundUnknown: there is none of this id.
    """
    found = await repository.find_refund(tx, refund_id)
    if found is None:
        raise RefundUnknown
    return found


async def refunds_of(tx: Transaction, order_id: UUID) -> list[Refund]:
    """Return every refund of an order, oldest first."""
    return await repository.refunds_of(tx, [order_id])


async def due_refunds(connection: Any, older_than_seconds: float, *, limit: int = 100) -> list[DueRefund]:
    """Return refunds of every tenant that nobody has finished, longest overdue first; for the system's role."""
    return await repository.due_refunds(connection, older_than_seconds, limit=limit)


def look_up_refund_later(tx: Transaction, refund: Refund) -> Write:
    """Return the write that puts off the next look-up, each time twice as long, so that none keeps others waiting."""
    return repository.retry_refund_later(tx, refund)
