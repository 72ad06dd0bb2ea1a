"""The request context: what the middleware has parsed of a request, and how a route reaches the database."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from pydantic import BaseModel
from starlette.responses import Response

from luxewin.kit import idempotency
from luxewin.kit.access import Principal
from luxewin.kit.database import Database
from luxewin.kit.errors import DomainError, Unavailable
from luxewin.kit.idempotency import InFlight, Intent, Key, StoredAnswer
from luxewin.kit.ids import new_id
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction

T = TypeVar("T")
_LONGEST_WAIT_SECONDS = 5.0
_POLL_SECONDS = 0.05


@dataclass(slots=True, kw_only=True)
class RequestContext:
    """One request, parsed: its caller, its tenant and its idempotency key.

    `address` is the caller's network address, forwarded by trusted proxies only; `services` are the objects that the
    program was started with (adapters, keys, caches), by their type. `headers` are those that routes may read: the
    common ones, and what the route's policy declares.
    """

    database: Database
    tenant: Tenancy
    principal: Principal
    request_id: str
    address: str
    key: Key | None = None
    is_dry_run: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    services: dict[type[Any], Any] = field(default_factory=dict)

    def service(self, kind: type[T]) -> T:
        """Return the service of this type."""
        service: T = self.services[kind]
        return service

    async def read(self, query: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run a query in one transaction of the caller's tenant."""
        return await self.database.run(self.tenant, self.principal, query)

    async def write(self, effect: Callable[[Transaction], Awaitable[StoredAnswer]]) -> Response:
        """Apply the effect once per idempotency key and return the response; with `Prefer: dry-run`, roll it back."""
        if self.is_dry_run:
            return response(await self.dry_run(effect))
        try:
            return response(await self.read(lambda tx: idempotency.once(tx, self.key, effect)))
        except DomainError:
            # An equal request may have been committed first: then its response is returned for this one too.
            first = await self._answer_of_the_first()
            if first is None:
                raise
            return response(first)

    async def claim(self, begin: Callable[[Transaction, Intent], Awaitable[T]]) -> T | StoredAnswer:
        """Claim the idempotency key and run a workflow's first step in one commit, or return the stored response.

        An equal request in flight is waited for up to five seconds.

        Raises:
            InFlight: the equal request was not finished in that time.
        """
        clock = asyncio.get_running_loop()
        give_up_at = clock.time() + _LONGEST_WAIT_SECONDS
        while True:
            try:
                return await self.read(lambda tx: self._claimed(tx, begin))
            except InFlight:
                if clock.time() > give_up_at:
                    raise
            except Unavailable:
                raise  # the claim may have been committed: waiting for its response would be waiting for itself
            except DomainError:
                if clock.time() > give_up_at or not await self._is_claimed():
                    raise
            await asyncio.sleep(_POLL_SECONDS)

    async def dry_run(self, effect: Callable[[Transaction], Awaitable[StoredAnswer]]) -> StoredAnswer:
        """Apply the effect, with every check of the database, and roll it back."""
        try:
            await self.read(lambda tx: _dry_run(tx, effect))
        except _DryRunDone as over:
            return over.answer
        raise AssertionError("a dry run never commits")

    async def _claimed(self, tx: Transaction, begin: Callable[[Transaction, Intent], Awaitable[T]]) -> T | StoredAnswer:
        if self.key is None:
            return await begin(tx, Intent(new_id(), resumed=False))
        claimed = await idempotency.claim(tx, self.key)
        return claimed if isinstance(claimed, StoredAnswer) else await begin(tx, claimed)

    async def _is_claimed(self) -> bool:
        try:
            return await self._answer_of_the_first() is not None
        except InFlight:
            return True

    async def _answer_of_the_first(self) -> StoredAnswer | None:
        key = self.key
        if key is None:
            return None
        return await self.read(lambda tx: idempotency.stored_answer(tx, key))


def answer(value: BaseModel | None, *, status: int = 200, **headers: str) -> StoredAnswer:
    """Return a response to store and send; header names are given with underscores."""
    body = b"" if value is None else value.model_dump_json().encode()
    return StoredAnswer(status, body, {name.replace("_", "-"): text for name, text in headers.items()})


def response(stored: StoredAnswer) -> Response:
    """Return the HTTP response of a stored one."""
    headers = dict(stored.headers)
    if stored.body:
        headers.setdefault("content-type", "application/json")
    return Response(stored.body, stored.status, headers=headers)


async def current_context(request: Request) -> RequestContext:
    """Return the context of a request; async, because the framework runs synchronous dependencies in a thread."""
    context: RequestContext = request.scope["state"]["context"]
    return context


CurrentContext = Annotated[RequestContext, Depends(current_context)]
"""How a route declares that it takes the request context."""


class _DryRunDone(Exception):
    def __init__(self, answer: StoredAnswer) -> None:
        super().__init__()
        self.answer = answer


async def _dry_run(tx: Transaction, effect: Callable[[Transaction], Awaitable[StoredAnswer]]) -> None:
    answer = await effect(tx)
    await tx.flush()
    await tx.connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    raise _DryRunDone(answer)
