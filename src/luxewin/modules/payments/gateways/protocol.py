"""What a payment gateway must be able to do, and where the offered ones are found."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Protocol
from uuid import UUID

from luxewin.modules.payments.domain.gateway_words import (
    Books,
    Charge,
    GatewayEvent,
    Outcome,
    RefundOrder,
    RefundOutcome,
)
from luxewin.modules.payments.errors import GatewaySilentError, GatewayUnknown

__all__ = ["Gateway", "GatewaySilentError", "Gateways"]


class Gateway(Protocol):
    """An adapter to a payment gateway; one contract test holds for all.

    Every effect is idempotent by the id it is given. A decline is an outcome, not an exception.

    Raises:
        GatewaySilentError: from every method that asks the gateway, when no answer came.
    """

    async def charge(self, charge: Charge) -> Outcome:
        """Charge, or answer how the charge of this id stands; without `capture`, reserve only."""

    async def confirm(self, attempt_id: UUID, reference: str | None, *, approve: bool) -> Outcome:
        """Pass on the buyer's answer to a charge that requires an action."""

    async def capture(self, attempt_id: UUID, reference: str | None) -> Outcome:
        """Take an authorised amount."""

    async def void(self, attempt_id: UUID, reference: str | None) -> Outcome:
        """Give up a charge that is not captured, and refuse it should it arrive later; answer how it stands."""

    async def look_up(self, attempt_id: UUID) -> Outcome | None:
        """Tell how a charge stands; None where the gateway has never heard of it."""

    async def refund(self, order: RefundOrder) -> RefundOutcome:
        """Send back a captured amount in whole or in part."""

    async def look_up_refund(self, refund_id: UUID) -> RefundOutcome | None:
        """Tell how a refund stands; None where the gateway has never heard of it."""

    async def report(self, merchant: str) -> list[Books]:
        """Return the gateway's own totals of a merchant, one for each currency."""

    async def subscribe(self, merchant: str, *, endpoint_id: UUID, secret: str, headers: Mapping[str, str]) -> None:
        """Have events of the merchant sent to its endpoint, signed with the secret, with these headers on each.

        Where the gateway offers no such call, a person enters the endpoint there, and this does nothing.
        """

    def verified(self, secret: str, headers: Mapping[str, str], body: bytes, *, at: datetime) -> GatewayEvent:
        """Return the event of a webhook once it is sure that the gateway sent it, and not long before `at`.

        Raises:
            WebhookRefused: the signature does not fit, or is too old, or the body is no event.
        """

    def parsed(self, body: bytes) -> GatewayEvent:
        """Return the event of a webhook that was verified before.

        Raises:
            WebhookRefused: the body is no event.
        """


class Gateways:
    """The gateways that this installation offers, by name."""

    def __init__(self, gateways: Mapping[str, Gateway]) -> None:
        self._gateways = dict(gateways)

    def __iter__(self) -> Iterator[str]:
        return iter(self._gateways)

    def named(self, name: str) -> Gateway:
        """Return the gateway of this name.

        Raises:
            GatewayUnknown: none is offered.
        """
        gateway = self._gateways.get(name)
        if gateway is None:
            raise GatewayUnknown
        return gateway
