"""An attempt to pay an order, and the transitions of its state."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, assert_never
from uuid import UUID

from luxewin.kit.money import Money
from luxewin.modules.payments.domain.gateway_messages import Charge, Outcome, OutcomeStatus
from luxewin.modules.payments.domain.summary import EventType
from luxewin.modules.payments.errors import TransitionRefused


class AttemptStatus(StrEnum):
    """The state of an attempt; `quarantined` holds an unexpected amount of money until staff resolve it."""

    CREATED = "created"
    REQUIRES_ACTION = "requires_action"
    UNKNOWN = "unknown"
    AUTHORISED = "authorised"
    CAPTURED = "captured"
    DECLINED = "declined"
    VOIDED = "voided"
    EXPIRED = "expired"
    QUARANTINED = "quarantined"


LIVE = frozenset(
    {
        AttemptStatus.CREATED,
        AttemptStatus.REQUIRES_ACTION,
        AttemptStatus.UNKNOWN,
        AttemptStatus.AUTHORISED,
        AttemptStatus.CAPTURED,
    }
)
"""An order has at most one attempt in any of these states."""

UNDECIDED = frozenset({AttemptStatus.CREATED, AttemptStatus.REQUIRES_ACTION, AttemptStatus.UNKNOWN})
"""States that are looked up at the gateway until they change."""

_ENDED_WITHOUT_MONEY = frozenset({AttemptStatus.DECLINED, AttemptStatus.VOIDED, AttemptStatus.EXPIRED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt to pay an order; `token` is stored only while the charge may have to be repeated."""

    id: UUID
    order_id: UUID
    gateway: str
    status: AttemptStatus
    amount: Money
    captured: Money
    refund_granted: Money
    token: str | None = field(repr=False)
    reference: str | None
    reason: str | None
    next_action: Mapping[str, Any] | None
    version: int
    created_at: datetime

    @classmethod
    def new(
        cls, attempt_id: UUID, *, order_id: UUID, amount: Money, gateway: str, token: str, at: datetime
    ) -> "Attempt":
        """Return a new attempt, before the gateway is called."""
        nothing = Money.zero(amount.currency)
        return cls(
            id=attempt_id,
            order_id=order_id,
            gateway=gateway,
            status=AttemptStatus.CREATED,
            amount=amount,
            captured=nothing,
            refund_granted=nothing,
            token=token,
            reference=None,
            reason=None,
            next_action=None,
            version=1,
            created_at=at,
        )

    def charge(self, *, merchant: str, confirm_url: str | None = None) -> Charge:
        """Return the charge request for the gateway; it is the same on every call.

        Raises:
            TransitionRefused: the outcome is final, and the token is deleted.
        """
        if self.token is None:
            raise TransitionRefused(payment_id=self.id, payment_status=self.status)
        return Charge(
            attempt_id=self.id, amount=self.amount, token=self.token, merchant=merchant, confirm_url=confirm_url
        )


def successors(status: AttemptStatus) -> frozenset[AttemptStatus]:
    """Return the states that may follow this one."""
    match status:
        case AttemptStatus.CREATED:
            return frozenset(
                {
                    AttemptStatus.REQUIRES_ACTION,
                    AttemptStatus.UNKNOWN,
                    AttemptStatus.AUTHORISED,
                    AttemptStatus.CAPTURED,
                    AttemptStatus.DECLINED,
                    AttemptStatus.QUARANTINED,
                }
            )
        case AttemptStatus.REQUIRES_ACTION:
            return frozenset(
                {
                    AttemptStatus.AUTHORISED,
                    AttemptStatus.CAPTURED,
                    AttemptStatus.DECLINED,
                    AttemptStatus.EXPIRED,
                    AttemptStatus.QUARANTINED,
                }
            )
        case AttemptStatus.UNKNOWN:
            return frozenset(
                {
                    AttemptStatus.REQUIRES_ACTION,
                    AttemptStatus.CAPTURED,
                    AttemptStatus.AUTHORISED,
                    AttemptStatus.DECLINED,
                    AttemptStatus.VOIDED,
                    AttemptStatus.QUARANTINED,
                }
            )
        case AttemptStatus.AUTHORISED:
            return frozenset(
                {
                    AttemptStatus.CAPTURED,
                    AttemptStatus.VOIDED,
                    AttemptStatus.EXPIRED,
                    AttemptStatus.QUARANTINED,
                }
            )
        case AttemptStatus.DECLINED | AttemptStatus.VOIDED | AttemptStatus.EXPIRED:
            return frozenset({AttemptStatus.QUARANTINED})
        case AttemptStatus.CAPTURED | AttemptStatus.QUARANTINED:
            return frozenset()
        case _:
            assert_never(status)


def sources(target: AttemptStatus) -> list[AttemptStatus]:
    """Return the states that this one may follow; the write checks them."""
    return [status for status in AttemptStatus if target in successors(status)]


def next_status(attempt: Attempt, outcome: Outcome) -> AttemptStatus | None:
    """Return the state of an attempt after an outcome; None if the outcome changes nothing.

    Captured money is always recorded: an amount other than the requested one, or a capture after the attempt ended, is
    quarantined. An authorisation of another amount has moved no money and counts as declined. An outcome that is older
    than the recorded state changes nothing.

    Raises:
        TransitionRefused: the outcome contradicts what is recorded.
    """
    target = _status_after(attempt, outcome)
    if target is None or target is attempt.status:
        return None
    if target not in successors(attempt.status):
        raise TransitionRefused(payment_id=attempt.id, payment_status=attempt.status, outcome=outcome.status)
    return target


def reason_of(attempt: Attempt, target: AttemptStatus, outcome: Outcome) -> str | None:
    """Return the reason for the new state of an attempt: our own if there is one, else the gateway's."""
    match target:
        case AttemptStatus.QUARANTINED if outcome.amount == attempt.amount:
            return "captured_too_late"
        case AttemptStatus.QUARANTINED:
            return "wrong_amount"
        case AttemptStatus.DECLINED if outcome.status is OutcomeStatus.AUTHORISED:
            return "wrong_amount"
        case _:
            return outcome.reason


def events_of_transition(attempt: Attempt, target: AttemptStatus, outcome: Outcome) -> list[tuple[EventType, Money]]:
    """Return the payment events of a transition with their amounts.

    A capture that no authorisation precedes has both events.
    """
    nothing = Money.zero(attempt.amount.currency)
    match target:
        case AttemptStatus.CAPTURED if attempt.status is AttemptStatus.AUTHORISED:
            return [(EventType.CAPTURED, attempt.amount)]
        case AttemptStatus.CAPTURED:
            return [(EventType.AUTHORISED, attempt.amount), (EventType.CAPTURED, attempt.amount)]
        case AttemptStatus.AUTHORISED:
            return [(EventType.AUTHORISED, attempt.amount)]
        case AttemptStatus.QUARANTINED:
            return [(EventType.QUARANTINED, outcome.amount or nothing)]
        case (
            AttemptStatus.CREATED
            | AttemptStatus.REQUIRES_ACTION
            | AttemptStatus.UNKNOWN
            | AttemptStatus.DECLINED
            | AttemptStatus.VOIDED
            | AttemptStatus.EXPIRED
        ):
            return [(EventType(target.value), nothing)]
        case _:
            assert_never(target)


def _status_after(attempt: Attempt, outcome: Outcome) -> AttemptStatus | None:
    match outcome.status:
        case OutcomeStatus.CAPTURED:
            return _status_after_capture(attempt, outcome)
        case OutcomeStatus.AUTHORISED:
            if attempt.status not in UNDECIDED:
                return None
            return AttemptStatus.AUTHORISED if outcome.amount == attempt.amount else AttemptStatus.DECLINED
        case OutcomeStatus.REQUIRES_ACTION:
            is_new = attempt.status in {AttemptStatus.CREATED, AttemptStatus.UNKNOWN}
            return AttemptStatus.REQUIRES_ACTION if is_new else None
        case OutcomeStatus.UNKNOWN:
            return AttemptStatus.UNKNOWN if attempt.status is AttemptStatus.CREATED else None
        case OutcomeStatus.DECLINED:
            return None if attempt.status in _ENDED_WITHOUT_MONEY else AttemptStatus.DECLINED
        case OutcomeStatus.VOIDED | OutcomeStatus.EXPIRED:
            return _status_after_end(attempt.status, outcome.status)
        case _:
            assert_never(outcome.status)


def _status_after_capture(attempt: Attempt, outcome: Outcome) -> AttemptStatus | None:
    if attempt.status in {AttemptStatus.CAPTURED, AttemptStatus.QUARANTINED}:
        return None
    fits = outcome.amount == attempt.amount and attempt.status not in _ENDED_WITHOUT_MONEY
    return AttemptStatus.CAPTURED if fits else AttemptStatus.QUARANTINED


def _status_after_end(status: AttemptStatus, outcome: OutcomeStatus) -> AttemptStatus | None:
    """Return the final state for a charge that ended without money; gateways use different terms for it."""
    match status:
        case AttemptStatus.CREATED:
            return AttemptStatus.DECLINED
        case AttemptStatus.REQUIRES_ACTION:
            return AttemptStatus.EXPIRED
        case AttemptStatus.AUTHORISED if outcome is OutcomeStatus.EXPIRED:
            return AttemptStatus.EXPIRED
        case AttemptStatus.DECLINED | AttemptStatus.VOIDED | AttemptStatus.EXPIRED:
            return None
        case AttemptStatus.UNKNOWN | AttemptStatus.AUTHORISED | AttemptStatus.CAPTURED | AttemptStatus.QUARANTINED:
            return AttemptStatus.VOIDED
        case _:
            assert_never(status)
