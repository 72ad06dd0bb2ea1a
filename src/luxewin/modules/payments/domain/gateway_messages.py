"""Requests to payment gateways, their outcomes and their events, the same for every gateway."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from luxewin.kit.money import Money


class OutcomeStatus(StrEnum):
    """The status of a charge at the gateway; `unknown` if there was no response or no decision yet."""

    CAPTURED = "captured"
    AUTHORISED = "authorised"
    DECLINED = "declined"
    REQUIRES_ACTION = "requires_action"
    UNKNOWN = "unknown"
    VOIDED = "voided"
    EXPIRED = "expired"


class RefundOutcomeStatus(StrEnum):
    """The status of a refund at the gateway; `unknown` if there was no response or no decision yet."""

    EXECUTED = "executed"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """A request to charge; `attempt_id` is the idempotency key, so that repeats charge once.

    `merchant` is the account at the gateway that receives the money; `confirm_url` is where the buyer confirms if the
    gateway requires it; without `capture` the amount is only authorised.
    """

    attempt_id: UUID
    amount: Money
    token: str = field(repr=False)
    merchant: str
    confirm_url: str | None = None
    capture: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a charge; it has an amount if the status is captured or authorised."""

    status: OutcomeStatus
    reference: str | None = None
    amount: Money | None = None
    reason: str | None = None
    next_action: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        if self.status in {OutcomeStatus.CAPTURED, OutcomeStatus.AUTHORISED} and self.amount is None:
            raise ValueError(f"an outcome that is {self.status} needs an amount")

    @classmethod
    def unknown(cls, reason: str) -> Self:
        """Return the outcome of a call without a response: it may have taken effect or not."""
        return cls(OutcomeStatus.UNKNOWN, reason=reason)

    def captures(self, amount: Money) -> bool:
        """Return whether exactly this amount was captured."""
        return self.status is OutcomeStatus.CAPTURED and self.amount == amount


@dataclass(frozen=True, slots=True)
class RefundInstruction:
    """A request to refund; `refund_id` is the idempotency key, `reference` the gateway's reference of the charge."""

    refund_id: UUID
    reference: str
    amount: Money


@dataclass(frozen=True, slots=True)
class RefundOutcome:
    """The outcome of a refund."""

    status: RefundOutcomeStatus
    reference: str | None = None
    reason: str | None = None

    @classmethod
    def unknown(cls, reason: str) -> Self:
        """Return the outcome of a call without a response."""
        return cls(RefundOutcomeStatus.UNKNOWN, reason=reason)


@dataclass(frozen=True, slots=True)
class Dispute:
    """An amount that the buyer's bank takes back until the dispute is decided; `reference` is the gateway's own."""

    reference: str
    amount: Money


@dataclass(frozen=True, slots=True)
class ChargeRecord:
    """A charge as the gateway itself has recorded it: its status, and the disputes that were opened."""

    outcome: Outcome
    disputes: Sequence[Dispute] = ()

    @property
    def is_decided(self) -> bool:
        """False if the gateway gave no response, or has not decided yet."""
        return self.outcome.status is not OutcomeStatus.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayEvent:
    """An event that a gateway sends by webhook: what it claims about the status of a charge, and about a dispute.

    Whoever knows the secret of the endpoint can sign an event, so it is only a hint: the gateway's record of the charge
    decides.
    """

    id: str
    attempt_id: UUID
    outcome: Outcome
    dispute: Dispute | None = None

    def is_confirmed_by(self, record: ChargeRecord | None) -> bool:
        """Return whether the gateway's record of the charge, None if it has none, shows what the event claims."""
        if record is None:
            return False
        claimed, known = [(one.status, one.reference, one.amount) for one in (self.outcome, record.outcome)]
        return claimed == known and (self.dispute is None or self.dispute in record.disputes)


class WebhookResult(StrEnum):
    """How the handling of a webhook has ended."""

    APPLIED = "applied"
    """The gateway confirmed the event."""
    CONTRADICTED = "contradicted"
    """The gateway's record of the charge does not show what the event claims."""
    GIVEN_UP = "given_up"
    """The gateway could not be asked, or there is no such payment, until the last try."""


@dataclass(frozen=True, slots=True)
class GatewayTotals:
    """A gateway's own totals of one merchant and currency, in minor units, to compare with the clearing account."""

    currency: str
    captured_minor: int
    refunded_minor: int
    withdrawn_minor: int

    @property
    def held_minor(self) -> int:
        """The amount that the gateway holds for the merchant."""
        return self.captured_minor - self.refunded_minor - self.withdrawn_minor
