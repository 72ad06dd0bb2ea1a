"""A refund of a captured payment, and the transitions of its state."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import assert_never
from uuid import UUID, uuid5

from luxewin.kit.money import Money
from luxewin.modules.payments.domain.gateway_messages import RefundInstruction, RefundOutcome, RefundOutcomeStatus
from luxewin.modules.payments.errors import TransitionRefused


class RefundStatus(StrEnum):
    """The state of a refund."""

    GRANTED = "granted"
    EXECUTING = "executing"
    EXECUTED = "executed"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """A refund that is owed to the buyer; `tries` counts its executions, without the repeats of one execution."""

    id: UUID
    order_id: UUID
    attempt_id: UUID
    gateway: str
    status: RefundStatus
    amount: Money
    reason: str
    reference: str | None
    failure: str | None
    charge_reference: str
    tries: int
    version: int
    created_at: datetime

    @property
    def execution_id(self) -> UUID:
        """The idempotency key of the current try; a failed refund is tried again with a new key."""
        return self.id if self.tries <= 1 else uuid5(self.id, f"try {self.tries}")

    @property
    def instruction(self) -> RefundInstruction:
        """The request for the gateway; it is the same on every call within one try."""
        return RefundInstruction(self.execution_id, self.charge_reference, self.amount)


def successors(status: RefundStatus) -> frozenset[RefundStatus]:
    """Return the states that may follow this one."""
    match status:
        case RefundStatus.GRANTED | RefundStatus.FAILED:
            return frozenset({RefundStatus.EXECUTING})
        case RefundStatus.EXECUTING:
            return frozenset({RefundStatus.EXECUTED, RefundStatus.FAILED, RefundStatus.UNKNOWN})
        case RefundStatus.UNKNOWN:
            return frozenset({RefundStatus.EXECUTED, RefundStatus.FAILED})
        case RefundStatus.EXECUTED:
            return frozenset()
        case _:
            assert_never(status)


def sources(target: RefundStatus) -> list[RefundStatus]:
    """Return the states that this one may follow; the write checks them."""
    return [status for status in RefundStatus if target in successors(status)]


def next_status(refund: Refund, outcome: RefundOutcome) -> RefundStatus | None:
    """Return the state of a refund after an outcome; None if the outcome changes nothing.

    Raises:
        TransitionRefused: the outcome contradicts what is recorded.
    """
    target = _status_of(outcome.status)
    if target is refund.status or (target is RefundStatus.UNKNOWN and refund.status is not RefundStatus.EXECUTING):
        return None
    if target not in successors(refund.status):
        raise TransitionRefused(refund_id=refund.id, refund_status=refund.status, outcome=outcome.status)
    return target


def _status_of(outcome: RefundOutcomeStatus) -> RefundStatus:
    match outcome:
        case RefundOutcomeStatus.EXECUTED:
            return RefundStatus.EXECUTED
        case RefundOutcomeStatus.FAILED:
            return RefundStatus.FAILED
        case RefundOutcomeStatus.UNKNOWN:
            return RefundStatus.UNKNOWN
        case _:
            assert_never(outcome)
