"""A guard in front of a gateway: bounded time, bounded crowd, and a breaker, so that only this gateway suffers.

A call that is not answered in time is an unknown outcome, never a failure. Where the guard lets no call through,
nothing was asked, and the refusal says so.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from luxewin.kit.crash_points import Position, crash_point
from luxewin.modules.payments.domain.gateway_words import (
    Books,
    Charge,
    GatewayEvent,
    Outcome,
    RefundOrder,
    RefundOutcome,
)
from luxewin.modules.payments.errors import GatewaySilentError, GatewayUnavailable
from luxewin.modules.payments.gateways.observing import called
from luxewin.modules.payments.gateways.protocol import Gateway

T = TypeVar("T")
U = TypeVar("U")

CALL_SECONDS = 7.0
"""Connecting takes at most 2 s and reading 5 s."""

_NO_ANSWER = "no_answer"


class Breaker:
    """Stops asking a gateway that has been silent several times in a row; after a pause, one call tries again."""

    def __init__(
        self, *, silences: int = 10, pause_seconds: float = 10.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._allowed_silences = silences
        self._pause_seconds = pause_seconds
        self._clock = clock
        self._silences = 0
        self._closed_until = 0.0

    def admit(self) -> None:
        """Let a call through, or refuse it.

        Raises:
            GatewayUnavailable: the gateway has been silent too often, and the pause is not over.
        """
        if self._silences < self._allowed_silences:
            return
        now = self._clock()
        if now < self._closed_until:
            raise GatewayUnavailable(retry_after_seconds=max(1, round(self._closed_until - now)))
        self._closed_until = now + self._pause_seconds

    def answered(self) -> None:
        """Note that the gateway answers."""
        self._silences = 0

    def silent(self) -> None:
        """Note that the gateway did not answer."""
        self._silences += 1
        self._closed_until = self._clock() + self._pause_seconds


class Guarded:
    """A gateway behind a guard; everything else is as the gateway has it.

    Metrics call it by the name of its adapter's class.
    """

    def __init__(
        self,
        gateway: Gateway,
        *,
        at_once: int = 32,
        wait_seconds: float = 1.0,
        call_seconds: float = CALL_SECONDS,
        breaker: Breaker | None = None,
    ) -> None:
        self._gateway = gateway
        self._name = type(gateway).__name__.lower()
        self._places = asyncio.Semaphore(at_once)
        self._wait_seconds = wait_seconds
        self._call_seconds = call_seconds
        self._breaker = breaker or Breaker()

    async def charge(self, charge: Charge) -> Outcome:
        """Charge; unknown where no answer came."""
        return await self._asked("charge", lambda: self._gateway.charge(charge), Outcome.unknown(_NO_ANSWER))

    async def confirm(self, attempt_id: UUID, reference: str | None, *, approve: bool) -> Outcome:
        """Pass on the buyer's answer; unknown where no answer came."""
        return await self._asked(
            "confirm",
            lambda: self._gateway.confirm(attempt_id, reference, approve=approve),
            Outcome.unknown(_NO_ANSWER),
        )

    async def capture(self, attempt_id: UUID, reference: str | None) -> Outcome:
        """Take an authorised amount; unknown where no answer came."""
        return await self._asked(
            "capture", lambda: self._gateway.capture(attempt_id, reference), Outcome.unknown(_NO_ANSWER)
        )

    async def void(self, attempt_id: UUID, reference: str | None) -> Outcome:
        """Give up a charge; unknown where no answer came."""
        return await self._asked("void", lambda: self._gateway.void(attempt_id, reference), Outcome.unknown(_NO_ANSWER))

    async def look_up(self, attempt_id: UUID) -> Outcome | None:
        """Tell how a charge stands; unknown where no answer came, None only where the gateway says so."""
        return await self._asked("look_up", lambda: self._gateway.look_up(attempt_id), Outcome.unknown(_NO_ANSWER))

    async def refund(self, order: RefundOrder) -> RefundOutcome:
        """Refund; unknown where no answer came."""
        return await self._asked("refund", lambda: self._gateway.refund(order), RefundOutcome.unknown(_NO_ANSWER))

    async def look_up_refund(self, refund_id: UUID) -> RefundOutcome | None:
        """Tell how a refund stands; unknown where no answer came, None only where the gateway says so."""
        return await self._asked(
            "look_up_refund", lambda: self._gateway.look_up_refund(refund_id), RefundOutcome.unknown(_NO_ANSWER)
        )

    async def report(self, merchant: str) -> list[Books]:
        """Return the gateway's own totals.

        Raises:
            GatewayUnavailable: no answer came.
        """
        books = await self._asked("report", lambda: self._gateway.report(merchant), None)
        if books is None:
            raise GatewayUnavailable
        return books

    async def subscribe(self, merchant: str, *, endpoint_id: UUID, secret: str, headers: Mapping[str, str]) -> None:
        """Have events sent to an endpoint.

        Raises:
            GatewayUnavailable: no answer came; to subscribe again is harmless.
        """

        async def ask() -> bool:
            await self._gateway.subscribe(merchant, endpoint_id=endpoint_id, secret=secret, headers=headers)
            return True

        if not await self._asked("subscribe", ask, None):
            raise GatewayUnavailable

    def verified(self, secret: str, headers: Mapping[str, str], body: bytes, *, at: datetime) -> GatewayEvent:
        """Return the event of a webhook; nobody is asked."""
        return self._gateway.verified(secret, headers, body, at=at)

    def parsed(self, body: bytes) -> GatewayEvent:
        """Return the event of a stored webhook; nobody is asked."""
        return self._gateway.parsed(body)

    async def _asked(self, operation: str, ask: Callable[[], Awaitable[T]], unanswered: U) -> T | U:
        with called(self._name, operation) as call:
            answer = await self._answer(ask, unanswered)
            call.answered(answer)
            return answer

    async def _answer(self, ask: Callable[[], Awaitable[T]], unanswered: U) -> T | U:
        self._breaker.admit()
        async with self._place():
            try:
                async with asyncio.timeout(self._call_seconds):
                    crash_point(Position.BEFORE_EXTERNAL_CALL)
                    answer = await ask()
                    crash_point(Position.AFTER_EXTERNAL_CALL)
            except (GatewaySilentError, TimeoutError):
                self._breaker.silent()
                return unanswered
        self._breaker.answered()
        return answer

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._wait_seconds):
                await self._places.acquire()
        except TimeoutError as error:
            raise GatewayUnavailable(retry_after_seconds=1) from error
        try:
            yield
        finally:
            self._places.release()
