"""A process that crashes at a step chosen by the test: after any of its commits and calls of the gateway."""

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
    """The process has crashed: no handler runs, no response is sent."""


class Stop:
    """A step at which a process is suspended until the test resumes it."""

    def __init__(self, step: str) -> None:
        self.step = step
        self.reached = asyncio.Event()
        self.resumed = asyncio.Event()

    async def suspend(self) -> None:
        """Set `reached`, and wait until `resumed` is set."""
        self.reached.set()
        await self.resumed.wait()


class ProcessSteps:
    """The steps that a process has taken, and the step after which it crashes."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self._end: int | None = None
        self._stop: Stop | None = None

    def crash_after(self, steps: int) -> None:
        """Start over, and crash after this many steps."""
        self.steps, self._end = [], steps

    def restart(self) -> None:
        """Start over, without a crash."""
        self.steps, self._end = [], None

    def step(self, name: str) -> None:
        """Record a step, and crash if it was the last one.

        Raises:
            Killed: the process crashes after this step.
        """
        self.steps.append(name)
        if len(self.steps) == self._end:
            raise Killed(name)

    def stop_at(self, step: str) -> "Stop":
        """Suspend the next process that reaches a step of the gateway."""
        self._stop = Stop(step)
        return self._stop

    async def gateway_step(self, name: str) -> None:
        """Record a step of the gateway, and crash or suspend there if that was requested."""
        self.step(name)
        if self._stop is not None and self._stop.step == name:
            stop, self._stop = self._stop, None
            await stop.suspend()

    def gateway_calls(self) -> list[str]:
        """Return the calls of the gateway."""
        return [step.removeprefix("call ") for step in self.steps if step.startswith("call ")]


class MortalDatabase(Database):
    """A database whose client may crash after any commit."""

    def __init__(self, app: Any, read_connections: Any, system: Any, limits: PoolLimits) -> None:
        super().__init__(app, read_connections, system, limits)
        self.process = ProcessSteps()

    @asynccontextmanager
    async def begin(self, tenant: Tenancy, principal: Principal) -> AsyncIterator[Transaction]:
        async with super().begin(tenant, principal) as tx:
            yield tx
        self.process.step("commit")


class MortalSimulator(Simulator):
    """A gateway whose client may crash before the call arrives, or before it gets the response."""

    def __init__(self, pool: Any) -> None:
        super().__init__(pool)
        self.process = ProcessSteps()

    async def charge(self, charge: Charge) -> Outcome:
        await self.process.gateway_step("call charge")
        outcome = await super().charge(charge)
        await self.process.gateway_step("answer")
        return outcome

    async def confirm(self, attempt_id: UUID, _reference: str | None, *, approve: bool) -> Outcome:
        await self.process.gateway_step("call confirm")
        outcome = await super().confirm(attempt_id, _reference, approve=approve)
        await self.process.gateway_step("answer")
        return outcome

    async def void(self, attempt_id: UUID, _reference: str | None) -> Outcome:
        await self.process.gateway_step("call void")
        outcome = await super().void(attempt_id, _reference)
        await self.process.gateway_step("answer")
        return outcome

    async def refund(self, order: RefundInstruction) -> RefundOutcome:
        await self.process.gateway_step("call refund")
        outcome = await super().refund(order)
        await self.process.gateway_step("answer")
        return outcome
