"""The simulator misbehaves on command, so that what is promised about gateways can be shown to hold."""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum

from luxewin.modules.payments.errors import GatewaySilentError


class Misbehaviour(StrEnum):
    """What a call may suffer."""

    OUTAGE = "outage"
    """No effect, no answer: a refused connection, a 5xx, a 429."""
    LOST_ANSWER = "lost_answer"
    """The effect, but no answer: a timeout, a reset."""
    HANG = "hang"
    """No effect, and the call never ends by itself."""
    WRONG_AMOUNT = "wrong_amount"
    """A charge of one minor unit more than was asked for."""
    REFUSAL = "refusal"
    """A refund that the gateway will not execute."""


class Misbehaviours:
    """What is planned for the next calls of each operation, in order."""

    def __init__(self) -> None:
        self._planned: defaultdict[str, deque[Misbehaviour]] = defaultdict(deque)

    def plan(self, operation: str, how: Misbehaviour, *, times: int) -> None:
        """Let the next calls of an operation go wrong."""
        self._planned[operation].extend([how] * times)

    def forget(self) -> None:
        """Let all calls go well again."""
        self._planned.clear()

    @asynccontextmanager
    async def around(self, operation: str) -> AsyncIterator[Misbehaviour | None]:
        """Let one call go as it was planned; what the call itself must do is handed to it.

        Raises:
            GatewaySilentError: it was planned that no answer comes.
        """
        planned = self._planned[operation].popleft() if self._planned[operation] else None
        if planned is Misbehaviour.OUTAGE:
            raise GatewaySilentError("the simulator is out of order, as planned")
        if planned is Misbehaviour.HANG:
            await asyncio.Event().wait()
        yield planned
        if planned is Misbehaviour.LOST_ANSWER:
            raise GatewaySilentError("the simulator's answer got lost, as planned")
