"""Refunds: granted against what was captured, executed at the gateway, and tried again after a failure."""

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
    """Return the writes that grant a refund; the caller posts it to the accounts that it concerns.

    Raises:
        RefundExceedsCapture: (at the flush) more than what was captured, less refunds that have not failed and what is
            disputed; if refunds are simultaneous, only those that fit are granted.
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
    """Begin to execute a refund and return it; send `refund.instruction` to the gateway after the commit.

    A refund that is being executed, or whose outcome is unknown, is returned unchanged: a second call of the gateway
    repeats the same try. A failed refund begins a new try.

    Raises:
        RefundUnknown: there is no refund with this id.
        TransitionRefused: it is executed.
        RefundExceedsCapture: (at the flush) it had failed, and other refunds have used the rest of the capture.
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
    """Return the writes that apply an outcome to a refund; none if the outcome changes nothing.

    An executed refund is posted as refunds payable / gateway clearing. A failed refund is still owed, and the amount
    that it had reserved of the capture is released.

    Raises:
        TransitionRefused: the outcome contradicts what is recorded.
        PaymentChanged: (at the flush) another outcome was recorded at the same time; a new try reads it.
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
    transition = repository.transition_refund(tx, refund, after)
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
        return [transition, repository.add_refund_event(tx, after), *ledger.post(tx, refund_transfer(after))]
    if target is RefundStatus.FAILED:
        tx.publish(RefundFailed(**common, failure=after.failure))
        return [transition, repository.release_refund(tx, refund.attempt_id, refund.amount)]
    return [transition]


async def refund(tx: Transaction, refund_id: UUID) -> Refund:
    """Return a refund.

    Raises:
        RefundUnknown: there is no refund with this id.
    """
    found = await repository.find_refund(tx, refund_id)
    if found is None:
        raise RefundUnknown
    return found


async def refunds_of(tx: Transaction, order_id: UUID) -> list[Refund]:
    """Return every refund of an order, oldest first."""
    return await repository.refunds_of(tx, [order_id])


async def due_refunds(connection: Any, older_than_seconds: float, *, limit: int = 100) -> list[DueRefund]:
    """Return unfinished refunds of every tenant, longest overdue first; for the system's role."""
    return await repository.due_refunds(connection, older_than_seconds, limit=limit)


def look_up_refund_later(tx: Transaction, refund: Refund) -> Write:
    """Return the write that schedules the next look-up, with a delay that doubles, so that none delays others."""
    return repository.retry_refund_later(tx, refund)
