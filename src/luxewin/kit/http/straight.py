"""Straight ways: an operation without a parameter in its path or query is called past the framework's routing.

What the framework does between the gate and such an operation is to try one pattern after another, to solve
dependencies and to pass through half a dozen middlewares: a third of the time that a small write takes. Here the
address is looked up, the body is read with the same rules, and the operation is called. Only good requests go straight:
whatever is wrong with one is said by the router, in the same words for both ways.
"""

import inspect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.responses import Response

from luxewin.kit.access import Permission
from luxewin.kit.http.context import CurrentContext, RequestContext
from luxewin.kit.http.fields import Body
from luxewin.kit.http.middleware import Asgi, Message, Receive, Scope, Send, replayed
from luxewin.kit.http.routing import Endpoint, GuardedRoute, is_json, strict_json


@dataclass(frozen=True, slots=True)
class _Way:
    path: str
    endpoint: Endpoint
    permission: Permission
    body: type[Body] | None


class DirectRoutes:
    """Wraps the router, and takes the straight way where an operation has one."""

    def __init__(self, router: Asgi, routers: Iterable[APIRouter], *, prefix: str) -> None:
        self._router = router
        self._ways = {
            (method, prefix + route.path): way
            for declared in routers
            for route in declared.routes
            if isinstance(route, GuardedRoute) and (way := _way_to(route, prefix=prefix)) is not None
            for method in route.methods or ()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        way = self._ways.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        if way is None or scope["query_string"]:
            await self._router(scope, receive, send)
            return
        context: RequestContext = scope["state"]["context"]
        message = await receive()
        arguments = _arguments(way, context, message)
        if arguments is None or not way.permission.held_by(context.principal.role):
            await self._router(scope, replayed(message, receive), send)
            return
        scope["luxewin.route"] = way.path
        response: Response = await way.endpoint(context=context, **arguments)
        await response(scope, receive, send)


def _way_to(route: GuardedRoute, *, prefix: str) -> _Way | None:
    """Return the straight way to an operation that asks for its call and at most a body, or None."""
    asked = dict(inspect.signature(route.endpoint, eval_str=True).parameters)
    if "{" in route.path or "context" not in asked or asked.pop("context").annotation != CurrentContext:
        return None
    body = asked.pop("body").annotation if "body" in asked else None
    is_plain = body is None or (inspect.isclass(body) and issubclass(body, Body))
    if asked or not is_plain:
        return None
    permission: Permission = route.endpoint.permission  # type: ignore[attr-defined]  # set by Router
    return _Way(prefix + route.path, route.endpoint, permission, body)


def _arguments(way: _Way, context: RequestContext, message: Message) -> Mapping[str, Any] | None:
    """Return what the operation is called with besides its call, or None where the router must say what is wrong."""
    if way.body is None:
        return {}
    raw = message.get("body", b"")
    if not raw or not is_json(context.headers.get("content-type", "")):
        return None
    try:
        return {"body": way.body.model_validate(strict_json(raw))}
    except (RequestValidationError, ValidationError):
        return None
