"""Calls to a payment gateway with a timeout, a limit of concurrent calls and a circuit breaker.

A gateway that is slow or down delays only its own payments. A call without a response in time has an unknown outcome;
it is not a failure. If a call is not made at all, `GatewayUnavailable` is raised.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from enum import Enum
from typing import TypeVar
from uuid import UUID

from luxewin.kit.crash_points import Position, crash_point
from luxewin.modules.payments.domain.gateway_messages import (
    Charge,
    ChargeRecord,
    GatewayEvent,
    GatewayTotals,
    Outcome,
    RefundInstruction,
    RefundOutcome,
)
from luxewin.modules.payments.errors import GatewayConnectionError, GatewayUnavailable
from luxewin.modules.payments.gateways.call_metrics import measured_call
from luxewin.modules.payments.gateways.circuit_breaker import CircuitBreaker
from luxewin.modules.payments.gateways.protocol import PaymentGateway

T = TypeVar("T")
U = TypeVar("U")

CALL_SECONDS = 7.0
"""At least as long as the timeouts of a gateway's HTTP client for connecting and reading together."""

_NO_RESPONSE = "no_answer"


class _Missing(Enum):
    RESPONSE = "response"


class ResilientGateway:
    """A payment gateway whose calls are limited in time and number and go through a circuit breaker."""

    def __init__(
        self,
        gateway: PaymentGateway,
        *,
        max_concurrency: int = 32,
        queue_seconds: float = 1.0,
        call_seconds: float = CALL_SECONDS,
        breaker: CircuitBreaker | None = None,
    ) -> None:
        self._gateway = gateway
        self._slots = asyncio.Semaphore(max_concurrency)
        self._queue_seconds = queue_seconds
        self._call_seconds = call_seconds
        self._breaker = breaker or CircuitBreaker()

    @property
    def name(self) -> str:
        """The gateway's name, also in metrics."""
        return self._gateway.name

    @property
    def subscribes_by_api(self) -> bool:
        """True if `subscribe` registers endpoints at the gateway."""
        return self._gateway.subscribes_by_api

    async def charge(self, charge: Charge) -> Outcome:
        """Charge; unknown without a response."""
        return await self._call("charge", lambda: self._gateway.charge(charge), Outcome.unknown(_NO_RESPONSE))

    async def confirm(self, attempt_id: UUID, reference: str | None, *, approve: bool) -> Outcome:
        """Forward the buyer's decision; unknown without a response."""
        return await self._call(
            "confirm",
            lambda: self._gateway.confirm(attempt_id, reference, approve=approve),
            Outcome.unknown(_NO_RESPONSE),
        )

    async def capture(self, attempt_id: UUID, reference: str | None) -> Outcome:
        """Capture an authorised amount; unknown without a response."""
        return await self._call(
            "capture", lambda: self._gateway.capture(attempt_id, reference), Outcome.unknown(_NO_RESPONSE)
        )

    async def void(self, attempt_id: UUID, reference: str | None) -> Outcome:
        """Void a charge; unknown without a response."""
        return await self._call(
            "void", lambda: self._gateway.void(attempt_id, reference), Outcome.unknown(_NO_RESPONSE)
        )

    async def look_up(self, attempt_id: UUID) -> Outcome | None:
        """Return the status of a charge; unknown without a response, None only if the gateway has no such charge."""
        return await self._call("look_up", lambda: self._gateway.look_up(attempt_id), Outcome.unknown(_NO_RESPONSE))

    async def retrieve(self, merchant: str, attempt_id: UUID) -> ChargeRecord | None:
        """Return the record of a charge; undecided without a response, None only if the gateway has no such charge."""
        return await self._call(
            "retrieve",
            lambda: self._gateway.retrieve(merchant, attempt_id),
            ChargeRecord(Outcome.unknown(_NO_RESPONSE)),
        )

    async def refund(self, instruction: RefundInstruction) -> RefundOutcome:
        """Refund; unknown without a response."""
        return await self._call(
            "refund", lambda: self._gateway.refund(instruction), RefundOutcome.unknown(_NO_RESPONSE)
        )

    async def look_up_refund(self, refund_id: UUID) -> RefundOutcome | None:
        """Return the status of a refund; unknown without a response, None only if the gateway has no such refund."""
        return await self._call(
            "look_up_refund", lambda: self._gateway.look_up_refund(refund_id), RefundOutcome.unknown(_NO_RESPONSE)
        )

    async def report(self, merchant: str) -> Sequence[GatewayTotals] | None:
        """Return the gateway's own totals; None if it has no report.

        Raises:
            GatewayUnavailable: there was no response.
        """
        totals = await self._call("report", lambda: self._gateway.report(merchant), _Missing.RESPONSE)
        if totals is _Missing.RESPONSE:
            raise GatewayUnavailable
        return totals

    async def subscribe(self, merchant: str, *, endpoint_id: UUID, secret: str, headers: Mapping[str, str]) -> None:
        """Have events sent to an endpoint.

        Raises:
            GatewayUnavailable: there was no response; to subscribe again is safe.
        """

        async def request() -> None:
            await self._gateway.subscribe(merchant, endpoint_id=endpoint_id, secret=secret, headers=headers)

        if await self._call("subscribe", request, _Missing.RESPONSE) is _Missing.RESPONSE:
            raise GatewayUnavailable

    def verify_webhook(self, secret: str, headers: Mapping[str, str], body: bytes, *, at: datetime) -> GatewayEvent:
        """Return the event of a webhook; the gateway is not called."""
        return self._gateway.verify_webhook(secret, headers, body, at=at)

    def parse_webhook(self, body: bytes) -> GatewayEvent:
        """Return the event of a stored webhook; the gateway is not called."""
        return self._gateway.parse_webhook(body)

    async def _call(self, operation: str, request: Callable[[], Awaitable[T]], without_response: U) -> T | U:
        with measured_call(self.name, operation) as call:
            response = await self._response(request, without_response)
            call.set_response(response)
            return response

    async def _response(self, request: Callable[[], Awaitable[T]], without_response: U) -> T | U:
        self._breaker.check()
        async with self._slot():
            try:
                async with asyncio.timeout(self._call_seconds):
                    crash_point(Position.BEFORE_EXTERNAL_CALL)
                    response = await request()
                    crash_point(Position.AFTER_EXTERNAL_CALL)
            except (GatewayConnectionError, TimeoutError):
                self._breaker.record_failure()
                return without_response
        self._breaker.record_success()
        return response

    @asynccontextmanager
    async def _slot(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._queue_seconds):
                await self._slots.acquire()
        except TimeoutError as error:
            raise GatewayUnavailable(retry_after_seconds=1) from error
        try:
            yield
        finally:
            self._slots.release()
