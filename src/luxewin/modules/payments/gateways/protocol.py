"""The protocol of payment gateway adapters, and the gateways that are offered."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from luxewin.modules.payments.domain.gateway_messages import (
    Charge,
    ChargeRecord,
    GatewayEvent,
    GatewayTotals,
    Outcome,
    RefundInstruction,
    RefundOutcome,
)
from luxewin.modules.payments.errors import GatewayConnectionError, GatewayUnknown

__all__ = ["GatewayConnectionError", "Gateways", "PaymentGateway"]


class PaymentGateway(Protocol):
    """An adapter to a payment gateway; every registered one passes the same contract test.

    Every operation is idempotent by the id in its arguments. A decline is an outcome, not an exception.

    Raises:
        GatewayConnectionError: from every method that calls the gateway, if there is no usable response.
    """

    @property
    def name(self) -> str:
        """The name under which the gateway is registered: in requests, in webhook addresses and in metrics."""

    @property
    def subscribes_by_api(self) -> bool:
        """True if `subscribe` registers endpoints at the gateway, so that new tenants get one.

        If not, staff enter the address and the secret there, and `subscribe` does nothing.
        """

    async def charge(self, charge: Charge) -> Outcome:
        """Charge, or return the status of the charge with this id; without `capture`, authorise only."""

    async def confirm(self, attempt_id: UUID, reference: str | None, *, approve: bool) -> Outcome:
        """Forward the buyer's decision on a charge that requires an action."""

    async def capture(self, attempt_id: UUID, reference: str | None) -> Outcome:
        """Capture an authorised amount."""

    async def void(self, attempt_id: UUID, reference: str | None) -> Outcome:
        """Void a charge that is not captured, or refuse it if it arrives later; return its status."""

    async def look_up(self, attempt_id: UUID) -> Outcome | None:
        """Return the status of a charge; None if the gateway has no such charge."""

    async def retrieve(self, merchant: str, attempt_id: UUID) -> ChargeRecord | None:
        """Return the gateway's record of a merchant's charge, to verify a webhook; None if it has no such charge."""

    async def refund(self, instruction: RefundInstruction) -> RefundOutcome:
        """Refund a captured amount in full or in part."""

    async def look_up_refund(self, refund_id: UUID) -> RefundOutcome | None:
        """Return the status of a refund; None if the gateway has no such refund."""

    async def report(self, merchant: str) -> Sequence[GatewayTotals] | None:
        """Return the gateway's own totals of a merchant, one for each currency.

        They are compared with the clearing account, so they must not be computed from our own data. None if the gateway
        has no such report: then nothing is compared.
        """

    async def subscribe(self, merchant: str, *, endpoint_id: UUID, secret: str, headers: Mapping[str, str]) -> None:
        """Have events of the merchant sent to its endpoint, signed with the secret, with these headers on each."""

    def verify_webhook(self, secret: str, headers: Mapping[str, str], body: bytes, *, at: datetime) -> GatewayEvent:
        """Return the event of a webhook if it is signed with the endpoint's secret, not long before `at`.

        `headers` has lower-case names. The signature does not prove that the event is true: people of the tenant know
        the secret. `retrieve` does.

        Raises:
            WebhookRefused: the signature is wrong or too old, or the body is not an event.
        """

    def parse_webhook(self, body: bytes) -> GatewayEvent:
        """Return the event of a webhook that was verified before.

        Raises:
            WebhookRefused: the body is not an event.
        """


class Gateways:
    """The payment gateways that this installation offers, by name."""

    def __init__(self, gateways: Iterable[PaymentGateway]) -> None:
        self._gateways = {gateway.name: gateway for gateway in gateways}

    def __iter__(self) -> Iterator[str]:
        return iter(self._gateways)

    def get(self, name: str) -> PaymentGateway:
        """Return the gateway with this name.

        Raises:
            GatewayUnknown: no gateway with this name is offered.
        """
        gateway = self._gateways.get(name)
        if gateway is None:
            raise GatewayUnknown
        return gateway
