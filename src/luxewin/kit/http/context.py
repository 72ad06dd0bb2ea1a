"""The request context: the parsed request, and the transactions of its route."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar, cast, overload

import orjson
from fastapi import Depends, Request
from pydantic import BaseModel
from starlette.responses import Response

from luxewin.kit import idempotency
from luxewin.kit.access import Principal
from luxewin.kit.database import Database
from luxewin.kit.errors import DomainError
from luxewin.kit.http.problems import problem_response
from luxewin.kit.idempotency import Key, Performed, StoredResponse
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction

T = TypeVar("T")


@dataclass(slots=True, kw_only=True)
class RequestContext:
    """One request, parsed: its caller, tenant and idempotency key.

    `address` is the caller's network address, as reported by trusted proxies; `services` are the services of the
    process (gateways, token keys, caches), by type.
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
        """Return the program's service of this type."""
        service: T = self.services[kind]
        return service

    async def transaction(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run work in one transaction of the caller's tenant, which commits at its end, and return its result."""
        return await self.database.run(self.tenant, self.principal, work)

    @overload
    async def write(self, effect: Callable[[Transaction], Awaitable[StoredResponse]]) -> Response: ...

    @overload
    async def write(
        self, effect: Callable[[Transaction], Awaitable[T]], present: Callable[[T], StoredResponse]
    ) -> Response: ...

    async def write(
        self, effect: Callable[[Transaction], Awaitable[Any]], present: Callable[[Any], StoredResponse] | None = None
    ) -> Response:
        """Take effect once per idempotency key, and return the response that presents the result of the effect.

        Without `present` the effect returns the response itself. See `perform`.
        """
        performed = await self.perform(effect, present or _as_it_is)
        return response(performed.response if isinstance(performed, Performed) else performed)

    async def perform(
        self, effect: Callable[[Transaction], Awaitable[T]], present: Callable[[T], StoredResponse]
    ) -> Performed[T] | StoredResponse:
        """Take effect once per idempotency key; return its value and its response, or the response stored before.

        With `Prefer: dry-run` the effect is rolled back, and nothing is stored.
        """
        if self.is_dry_run:
            value = await self.dry_run(effect)
            return Performed(value, present(value))
        try:
            return await self.transaction(lambda tx: idempotency.perform_once(tx, self.key, effect, present))
        except DomainError:
            # An equal request may have won the race: then replay its response.
            stored = await self.find_response()
            if stored is None:
                raise
            return stored

    async def dry_run(self, effect: Callable[[Transaction], Awaitable[T]]) -> T:
        """Take the full effect, with every check of the database, roll it back, and return the effect's value."""
        try:
            await self.transaction(lambda tx: _roll_back_after(tx, effect))
        except _DryRunFinished as finished:
            return cast("T", finished.value)
        raise AssertionError("a dry run never commits")

    async def find_response(self) -> StoredResponse | None:
        """Return the response stored under the request's idempotency key, or None.

        Raises:
            InFlight: an equal request has not finished yet.
        """
        key = self.key
        if key is None:
            return None
        return await self.transaction(lambda tx: idempotency.find_response(tx, key))


def json_response(value: BaseModel | None, *, status: int = 200, **headers: str) -> StoredResponse:
    """Present a value as JSON; names of headers are given with underscores."""
    body = b"" if value is None else value.model_dump_json().encode()
    return StoredResponse(status, body, {name.replace("_", "-"): text for name, text in headers.items()})


def problem(error: DomainError, *, request_id: str) -> StoredResponse:
    """Present an error as a problem document, for an outcome that is stored and replayed."""
    document = problem_response(error, request_id=request_id)
    content_type = document.headers["content-type"]
    return StoredResponse(document.status_code, bytes(document.body), {"content-type": content_type})


def with_member(stored: StoredResponse, name: str, value: str) -> StoredResponse:
    """Return a response whose JSON object has one more member, at its end, without parsing the object.

    For secrets, which are never stored: they are added when the response is sent. A last member of the same name is
    replaced if it is null.
    """
    label = orjson.dumps(name)
    empty = b"," + label + b":null}"
    stem = stored.body.removesuffix(empty) if stored.body.endswith(empty) else stored.body.removesuffix(b"}")
    return StoredResponse(stored.status, stem + b"," + label + b":" + orjson.dumps(value) + b"}", stored.headers)


def response(stored: StoredResponse) -> Response:
    """Return the HTTP response to send."""
    headers = dict(stored.headers)
    if stored.body:
        headers.setdefault("content-type", "application/json")
    return Response(stored.body, stored.status, headers=headers)


async def current_context(request: Request) -> RequestContext:
    """Return the context of a request; async, because the framework runs synchronous dependencies in a thread."""
    context: RequestContext = request.scope["state"]["context"]
    return context


CurrentContext = Annotated[RequestContext, Depends(current_context)]
"""The type of a route's parameter that receives the request context."""


class _DryRunFinished(Exception):
    def __init__(self, value: object) -> None:
        super().__init__()
        self.value = value


async def _roll_back_after(tx: Transaction, effect: Callable[[Transaction], Awaitable[object]]) -> None:
    value = await effect(tx)
    await tx.flush()
    await tx.connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    raise _DryRunFinished(value)


def _as_it_is(stored: StoredResponse) -> StoredResponse:
    return stored
