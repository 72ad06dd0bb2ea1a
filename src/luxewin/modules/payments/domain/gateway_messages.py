"""What is said to a gateway, and what it answers, whichever gateway it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from luxewin.kit.money import Money


class OutcomeStatus(StrEnum):
    """How a charge stands in the gateway's books, or that nobody knows."""

    CAPTURED = "captured"
    AUTHORISED = "authorised"
    DECLINED = "declined"
    REQUIRES_ACTION = "requires_action"
    UNKNOWN = "unknown"
    VOIDED = "voided"
    EXPIRED = "expired"


class RefundOutcomeStatus(StrEnum):
    """How a refund stands in the gateway's books, or that nobody knows."""

    EXECUTED = "executed"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """An order to charge; `attempt_id` is the idempotency key, so that a repeat charges once.

    `merchant` is whose money it is at the gateway; `confirm_url` is where a buyer confirms when the gateway asks for
    it; without `capture` the amount is only reserved.
    """

    attempt_id: UUID
    amount: Money
    token: str = field(repr=False)
    merchant: str
    confirm_url: str | None = None
    capture: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a gateway says of a charge; captured and authorised name the amount that they are about."""

    status: OutcomeStatus
    reference: str | None = None
    amount: Money | None = None
    reason: str | None = None
    next_action: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        if self.status in {OutcomeStatus.CAPTURED, OutcomeStatus.AUTHORISED} and self.amount is None:
            raise ValueError(f"{self.status} of no amount")

    @classmethod
    def unknown(cls, reason: str) -> Self:
        """Return the outcome of a call that was not answered: it may have taken effect, or not."""
        return cls(OutcomeStatus.UNKNOWN, reason=reason)

    def captures(self, amount: Money) -> bool:
        """Tell whether exactly this amount was taken."""
        return self.status is OutcomeStatus.CAPTURED and self.amount == amount


@dataclass(frozen=True, slots=True)
class RefundInstruction:
    """An order to refund; `refund_id` is the idempotency key, `reference` the gateway's name of the charge."""

    refund_id: UUID
    reference: str
    amount: Money


@dataclass(frozen=True, slots=True)
class RefundOutcome:
    """What a gateway says of a refund."""

    status: RefundOutcomeStatus
    reference: str | None = None
    reason: str | None = None

    @classmethod
    def unknown(cls, reason: str) -> Self:
        """Return the outcome of a call that was not answered."""
        return cls(RefundOutcomeStatus.UNKNOWN, reason=reason)


@dataclass(frozen=True, slots=True)
class Dispute:
    """A charge that the buyer's bank takes back until it is decided; `reference` is the gateway's name of it."""

    reference: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayEvent:
    """What a gateway tells unasked: how a charge stands, and what is new about it.

    `outcome` always says how the charge itself stands, so that an event which overtook our own response settles it.
    """

    id: str
    attempt_id: UUID
    outcome: Outcome
    dispute: Dispute | None = None


@dataclass(frozen=True, slots=True)
class GatewayTotals:
    """A gateway's own totals of one merchant and currency, in minor units: the oracle for our clearing account."""

    currency: str
    captured_minor: int
    refunded_minor: int
    withdrawn_minor: int

    @property
    def held_minor(self) -> int:
        """What the gateway holds for the merchant."""
        return self.captured_minor - self.refunded_minor - self.withdrawn_minor
