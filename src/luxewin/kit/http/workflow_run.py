"""Running a workflow over HTTP: several transactions, one idempotency key, one stored response."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar
from uuid import UUID

from luxewin.kit import idempotency
from luxewin.kit.errors import DomainError, Unavailable
from luxewin.kit.http.context import RequestContext
from luxewin.kit.idempotency import Completed, InFlight, Intent, StoredResponse
from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction

R = TypeVar("R")
R_contra = TypeVar("R_contra", contravariant=True)
T = TypeVar("T")
_LONGEST_WAIT_SECONDS = 5.0
_POLL_SECONDS = 0.05


class WorkflowRun(Generic[R_contra]):
    """One run of a workflow; the type parameter is the type of its value.

    The workflow takes its first step with `claim`, and calls `conclude` in its last transaction. It never deals with
    responses: they are presented, stored and replayed here.
    """

    def __init__(self, context: RequestContext, present: Callable[[R_contra], StoredResponse]) -> None:
        self.context = context
        self.intent_id: UUID = new_id()
        """The id of the intent that was claimed; the same on every try with the key."""
        self._present = present
        self._presented: tuple[object, StoredResponse] | None = None

    async def claim(self, begin: Callable[[Transaction, Intent], Awaitable[T]]) -> T:
        """Claim the idempotency key and take the first step in one transaction; return the result of `begin`.

        An equal request in flight is waited for up to five seconds.

        Raises:
            AlreadyCompleted: the key has a response; the run ends here.
            InFlight: the equal request did not finish in that time.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _LONGEST_WAIT_SECONDS
        while True:
            try:
                claimed = await self.context.transaction(lambda tx: self._claim(tx, begin))
            except InFlight:
                if loop.time() > deadline:
                    raise
            except Unavailable:
                raise  # the claim may be committed: this would wait for its own request
            except DomainError:
                if loop.time() > deadline or not await self._is_claimed():
                    raise
            else:
                if isinstance(claimed, Completed):
                    raise AlreadyCompleted(claimed)
                return claimed
            await asyncio.sleep(_POLL_SECONDS)

    def conclude(self, tx: Transaction, value: R_contra) -> None:
        """Store the response that presents the workflow's value, in the transaction of its last step."""
        key = self.context.key
        if key is not None:
            tx.write(idempotency.store(tx, key, self.response_of(value)))

    async def dry_run(self, effect: Callable[[Transaction, Intent], Awaitable[T]]) -> T:
        """Take the full effect under a new intent, roll it back, and return its value."""
        intent = Intent(self.intent_id, resumed=False)
        return await self.context.dry_run(lambda tx: effect(tx, intent))

    def response_of(self, value: R_contra) -> StoredResponse:
        """Return the response that presents a value; the last one is presented once."""
        if self._presented is None or self._presented[0] is not value:
            self._presented = (value, self._present(value))
        return self._presented[1]

    async def _claim(self, tx: Transaction, begin: Callable[[Transaction, Intent], Awaitable[T]]) -> T | Completed:
        key = self.context.key
        if key is None:
            return await begin(tx, Intent(self.intent_id, resumed=False))
        claimed = await idempotency.claim(tx, key)
        if isinstance(claimed, Completed):
            return claimed
        self.intent_id = claimed.id
        return await begin(tx, claimed)

    async def _is_claimed(self) -> bool:
        try:
            return await self.context.find_response() is not None
        except InFlight:
            return True


class AlreadyCompleted(Exception):
    """The workflow has run before under this key; `completed` holds the stored response."""

    def __init__(self, completed: Completed) -> None:
        super().__init__()
        self.completed = completed


async def run_workflow(
    context: RequestContext,
    workflow: Callable[[WorkflowRun[R]], Awaitable[R]],
    present: Callable[[R], StoredResponse],
) -> Completed:
    """Run a workflow once per idempotency key; return the response that presents its value, stored or new."""
    run = WorkflowRun(context, present)
    try:
        value = await workflow(run)
    except AlreadyCompleted as already:
        return already.completed
    return Completed(run.intent_id, run.response_of(value))
