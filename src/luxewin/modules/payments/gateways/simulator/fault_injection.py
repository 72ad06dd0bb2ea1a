"""Faults that tests inject into the calls of the simulator, to show that the guarantees about gateways hold."""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum

from luxewin.modules.payments.errors import GatewayConnectionError


class Fault(StrEnum):
    """The fault of a call."""

    OUTAGE = "outage"
    """No effect and no response: a refused connection, a 5xx, a 429."""
    LOST_ANSWER = "lost_answer"
    """An effect, but no response: a timeout, a connection reset."""
    HANG = "hang"
    """No effect, and the call never returns."""
    WRONG_AMOUNT = "wrong_amount"
    """A charge of one minor unit more than requested."""
    REFUSAL = "refusal"
    """A refund that fails."""


class FaultPlan:
    """The faults of the next calls of each operation, in order."""

    def __init__(self) -> None:
        self._planned: defaultdict[str, deque[Fault]] = defaultdict(deque)

    def add(self, operation: str, fault: Fault, *, times: int) -> None:
        """Inject a fault into the next calls of an operation."""
        self._planned[operation].extend([fault] * times)

    def clear(self) -> None:
        """Remove all planned faults."""
        self._planned.clear()

    @asynccontextmanager
    async def apply(self, operation: str) -> AsyncIterator[Fault | None]:
        """Apply the fault of the next call, if there is one; yield it, since some faults are produced by the call.

        Raises:
            GatewayConnectionError: the fault is that there is no response.
        """
        fault = self._planned[operation].popleft() if self._planned[operation] else None
        if fault is Fault.OUTAGE:
            raise GatewayConnectionError("injected fault: outage")
        if fault is Fault.HANG:
            await asyncio.Event().wait()
        yield fault
        if fault is Fault.LOST_ANSWER:
            raise GatewayConnectionError("injected fault: the response was lost")
