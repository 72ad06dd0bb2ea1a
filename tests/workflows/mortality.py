"""A process that dies where a test wants: between any two of its commits and words with the gateway."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from luxewin.kit.access import Principal
from luxewin.kit.database import Database, PoolLimits
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction
from luxewin.modules.payments.gateways.simulator import Simulator
from luxewin.modules.payments.public import Charge, Outcome, RefundOrder, RefundOutcome


class Killed(BaseException):
    """The process is gone: no handler, no answer."""


class Thread:
    """What a process has done, step by step, and where it is to be cut."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self._end: int | None = None

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

    def words(self) -> list[str]:
        """Return what the gateway was asked to do."""
        return [step.removeprefix("ask to ") for step in self.steps if step.startswith("ask to ")]


class MortalDatabase(Database):
    """A database whose client may die after any commit."""

    def __init__(self, app: Any, system: Any, limits: PoolLimits) -> None:
        super().__init__(app, system, limits)
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
        self.thread.step("ask to charge")
        outcome = await super().charge(charge)
        self.thread.step("answer")
        return outcome

    async def confirm(self, attempt_id: UUID, _reference: str | None, *, approve: bool) -> Outcome:
        self.thread.step("ask to confirm")
        outcome = await super().confirm(attempt_id, _reference, approve=approve)
        self.thread.step("answer")
        return outcome

    async def void(self, attempt_id: UUID, _reference: str | None) -> Outcome:
        self.thread.step("ask to void")
        outcome = await super().void(attempt_id, _reference)
        self.thread.step("answer")
        return outcome

    async def refund(self, order: RefundOrder) -> RefundOutcome:
        self.thread.step("ask to refund")
        outcome = await super().refund(order)
        self.thread.step("answer")
        return outcome
