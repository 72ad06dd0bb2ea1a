"""A process that dies where a test wants: between any two of its commits and words with the gateway."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from luxewin.kit.access import Principal
from luxewin.kit.database import Database
from luxewin.kit.pools import PoolLimits
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction
from luxewin.modules.payments.gateways.simulator.gateway import Simulator
from luxewin.modules.payments.public import Charge, Outcome, RefundInstruction, RefundOutcome


class Killed(BaseException):
    """The process is gone: no handler, no answer."""


class Stop:
    """A place where a process stands still while the world goes on, as one does that the system has suspended."""

    def __init__(self, step: str) -> None:
        self.step = step
        self.reached = asyncio.Event()
        self.over = asyncio.Event()

    async def stand_still(self) -> None:
        """Tell that the place is reached, and wait until it is over."""
        self.reached.set()
        await self.over.wait()


class Thread:
    """What a process has done, step by step, and where it is to be cut."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self._end: int | None = None
        self._stop: Stop | None = None

    def cut_after(self, steps: int) -> None:
        """Begin anew, and die right after so many steps."""
        self.steps, self._end = [], steps

    def mend(self) -> None:
        """Begin anew, and live."""
        self.steps, self._end = [], None

    def step(self, name: str) -> None:
        """Note a step, and die if it was the last one.

        Raises:
            Killed: this is where the thread is cut.
        """
        self.steps.append(name)
        if len(self.steps) == self._end:
            raise Killed(name)

    def stop_at(self, step: str) -> "Stop":
        """Let the next process that comes to a step with the gateway stand still there, until it may go on."""
        self._stop = Stop(step)
        return self._stop

    async def reach(self, name: str) -> None:
        """Note a step with the gateway, and stand still or die there if that was asked for."""
        self.step(name)
        if self._stop is not None and self._stop.step == name:
            stop, self._stop = self._stop, None
            await stop.stand_still()

    def words(self) -> list[str]:
        """Return what the gateway was asked to do."""
        return [step.removeprefix("ask to ") for step in self.steps if step.startswith("ask to ")]


class MortalDatabase(Database):
    """A database whose client may die after any commit."""

    def __init__(self, app: Any, lookers: Any, system: Any, limits: PoolLimits) -> None:
        super().__init__(app, lookers, system, limits)
        self.thread = Thread()

    @asynccontextmanager
    async def begin(self, tenant: Tenancy, principal: Principal) -> AsyncIterator[Transaction]:
        async with super().begin(tenant, principal) as tx:
            yield tx
        self.thread.step("commit")


class MortalSimulator(Simulator):
    """A gateway whose client may die before the gateway hears of anything, or before it hears the answer."""

    def __init__(self, pool: Any) -> None:
        super().__init__(pool)
        self.thread = Thread()

    async def charge(self, charge: Charge) -> Outcome:
        await self.thread.reach("ask to charge")
        outcome = await super().charge(charge)
        await self.thread.reach("answer")
        return outcome

    async def confirm(self, attempt_id: UUID, _reference: str | None, *, approve: bool) -> Outcome:
        await self.thread.reach("ask to confirm")
        outcome = await super().confirm(attempt_id, _reference, approve=approve)
        await self.thread.reach("answer")
        return outcome

    async def void(self, attempt_id: UUID, _reference: str | None) -> Outcome:
        await self.thread.reach("ask to void")
        outcome = await super().void(attempt_id, _reference)
        await self.thread.reach("answer")
        return outcome

    async def refund(self, order: RefundInstruction) -> RefundOutcome:
        await self.thread.reach("ask to refund")
        outcome = await super().refund(order)
        await self.thread.reach("answer")
        return outcome
