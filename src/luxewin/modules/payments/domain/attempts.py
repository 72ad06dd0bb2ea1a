"""An attempt to pay an order, and the ways its state may go."""

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
    """How an attempt stands; `quarantined` holds money that is not what was asked for, until a person resolves it."""

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
"""An order has at most one attempt in these states."""

UNDECIDED = frozenset({AttemptStatus.CREATED, AttemptStatus.REQUIRES_ACTION, AttemptStatus.UNKNOWN})
"""States that the gateway is asked about until it decides."""

_ENDED_WITHOUT_MONEY = frozenset({AttemptStatus.DECLINED, AttemptStatus.VOIDED, AttemptStatus.EXPIRED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt to pay an order; `token` is kept only while the charge may have to be repeated."""

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
        """Return the intent to charge, as it is before anybody was asked."""
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
        """Return the order to charge, the same each time.

        Raises:
            TransitionRefused: the gateway has decided, and the token is gone.
        """
        if self.token is None:
            raise TransitionRefused(payment_id=self.id, payment_status=self.status)
        return Charge(
            attempt_id=self.id, amount=self.amount, token=self.token, merchant=merchant, confirm_url=confirm_url
        )


def successors(status: AttemptStatus) -> frozenset[AttemptStatus]:
    """Return where an attempt may go from here."""
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
    """Return the states from which an attempt may come here: the guard of the write."""
    return [status for status in AttemptStatus if target in successors(status)]


def next_status(attempt: Attempt, outcome: Outcome) -> AttemptStatus | None:
    """Return where an outcome takes an attempt; None where it tells nothing new.

    Money that was captured is never denied: what is not the amount asked for, or comes after the attempt had ended, is
    quarantined. An authorisation of another amount has moved no money, and is as good as a decline. What the gateway
    said earlier and was overtaken changes nothing.

    Raises:
        TransitionRefused: the outcome contradicts what is recorded.
    """
    target = _target(attempt, outcome)
    if target is None or target is attempt.status:
        return None
    if target not in successors(attempt.status):
        raise TransitionRefused(payment_id=attempt.id, payment_status=attempt.status, outcome=outcome.status)
    return target


def reason_of(attempt: Attempt, target: AttemptStatus, outcome: Outcome) -> str | None:
    """Return why an attempt is where an outcome took it: the gateway's reason, or ours where it saw none."""
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
    """Return the payment events of a transition, each with the amount it is about.

    A capture without an authorisation before it is both at once.
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


def _target(attempt: Attempt, outcome: Outcome) -> AttemptStatus | None:
    match outcome.status:
        case OutcomeStatus.CAPTURED:
            return _captured(attempt, outcome)
        case OutcomeStatus.AUTHORISED:
            if attempt.status not in UNDECIDED:
                return None
            return AttemptStatus.AUTHORISED if outcome.amount == attempt.amount else AttemptStatus.DECLINED
        case OutcomeStatus.REQUIRES_ACTION:
            is_news = attempt.status in {AttemptStatus.CREATED, AttemptStatus.UNKNOWN}
            return AttemptStatus.REQUIRES_ACTION if is_news else None
        case OutcomeStatus.UNKNOWN:
            return AttemptStatus.UNKNOWN if attempt.status is AttemptStatus.CREATED else None
        case OutcomeStatus.DECLINED:
            return None if attempt.status in _ENDED_WITHOUT_MONEY else AttemptStatus.DECLINED
        case OutcomeStatus.VOIDED | OutcomeStatus.EXPIRED:
            return _ended(attempt.status, outcome.status)
        case _:
            assert_never(outcome.status)


def _captured(attempt: Attempt, outcome: Outcome) -> AttemptStatus | None:
    if attempt.status in {AttemptStatus.CAPTURED, AttemptStatus.QUARANTINED}:
        return None
    fits = outcome.amount == attempt.amount and attempt.status not in _ENDED_WITHOUT_MONEY
    return AttemptStatus.CAPTURED if fits else AttemptStatus.QUARANTINED


def _ended(status: AttemptStatus, outcome: OutcomeStatus) -> AttemptStatus | None:
    """Name an end without money by what it means at this point: the gateway's word for it depends on the gateway."""
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
