"""Direct calls: most operations are called without the framework's request handling.

Between the middleware and an operation the framework passes a request through eight layers and solves its dependencies,
which takes longer than the code of many an operation (see docs/performance.md). Here the values of path, query and body
are validated by the same fields, and the operation is called. Only valid requests are called directly: the framework
handles all others, so that every error is worded in one place.
"""

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self, TypeGuard, get_origin

from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_params_to_args
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from luxewin.kit.http.bodies import replayed
from luxewin.kit.http.context import RequestContext, current_context
from luxewin.kit.http.fields import Body
from luxewin.kit.http.observing import ROUTE
from luxewin.kit.http.route_table import RouteTable
from luxewin.kit.http.routing import Endpoint, GuardedRoute, is_json, query_names, strict_json
from luxewin.kit.http.types import FOUND, Asgi, Message, Receive, Scope, Send

_LONGEST_QUERY_BYTES = 4096


class DirectCalls:
    """Wraps the framework's application, and calls operations directly where they allow it and the request is valid."""

    def __init__(self, app: Asgi, routes: RouteTable) -> None:
        self._app = app
        self._calls = {route.endpoint: call for route in routes.routes if (call := _DirectCall.of(route)) is not None}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, whose scope holds what the route table found."""
        found, values = scope[FOUND]  # set by the middleware
        call = None if found.route is None else self._calls.get(found.route.endpoint)
        if call is None:
            await self._app(scope, receive, send)
            return
        context: RequestContext = scope["state"]["context"]
        message = await receive()
        arguments = None
        if call.route.permission.held_by(context.principal.role):
            arguments = call.arguments(scope, context, message, dict(zip(found.parameters, values, strict=True)))
        if arguments is None:
            await self._app(scope, replayed(message, receive), send)
            return
        scope[ROUTE] = found.template
        response: Response = await call.endpoint(**arguments)
        await response(scope, receive, send)


@dataclass(frozen=True, slots=True)
class _DirectCall:
    """How to call one operation: which of its parameters take what of a request."""

    route: GuardedRoute
    endpoint: Endpoint
    dependant: Dependant
    query_names: frozenset[str]
    query_model: type[BaseModel] | None
    repeated_names: frozenset[str]
    context_name: str | None
    request_name: str | None
    body_name: str | None
    body: type[Body] | None

    @classmethod
    def of(cls, route: GuardedRoute) -> Self | None:
        """Return how to call the operation; None where it takes or returns what only the framework handles."""
        dependant = route.dependant
        contexts = [needed.name for needed in dependant.dependencies if needed.call is current_context]
        signature = inspect.signature(route.endpoint, eval_str=True)
        bodies = [signature.parameters[field.name].annotation for field in dependant.body_params]
        fields = (*dependant.path_params, *dependant.query_params, *dependant.body_params)
        handled = {*(field.name for field in fields), *contexts, dependant.request_param_name}
        is_plain = (
            signature.return_annotation is Response
            and len(dependant.dependencies) == len(contexts) <= 1
            and len(bodies) <= 1
            and all(inspect.isclass(body) and issubclass(body, Body) for body in bodies)
            and handled.issuperset(signature.parameters)
        )
        if not is_plain:
            return None
        models = [field.field_info.annotation for field in dependant.query_params]
        model = models[0] if len(models) == 1 and _is_model(models[0]) else None
        return cls(
            route=route,
            endpoint=route.endpoint,
            dependant=dependant,
            query_names=frozenset(query_names(dependant)),
            query_model=model,
            repeated_names=frozenset(_lists_of(model)) if model is not None else frozenset(),
            context_name=contexts[0] if contexts else None,
            request_name=dependant.request_param_name,
            body_name=dependant.body_params[0].name if bodies else None,
            body=bodies[0] if bodies else None,
        )

    def arguments(
        self, scope: Scope, context: RequestContext, message: Message, path: Mapping[str, str]
    ) -> dict[str, Any] | None:
        """Return the arguments of the call; None where the framework must report what is wrong with the request."""
        arguments: dict[str, Any] = {}
        if self.context_name is not None:
            arguments[self.context_name] = context
        if self.request_name is not None:
            arguments[self.request_name] = Request(scope)
        if not (self._add_path(arguments, path) and self._add_query(arguments, scope["query_string"])):
            return None
        return arguments if self._add_body(arguments, context, message) else None

    def _add_path(self, arguments: dict[str, Any], path: Mapping[str, str]) -> bool:
        for field in self.dependant.path_params:
            arguments[field.name], errors = field.validate(path[field.alias], loc=("path", field.alias))
            if errors:
                return False
        return True

    def _add_query(self, arguments: dict[str, Any], query: bytes) -> bool:
        if len(query) > _LONGEST_QUERY_BYTES:
            return False
        if not self.query_names:
            return not query
        given = QueryParams(query)
        if not self.query_names.issuperset(given):
            return False
        if self.query_model is None:
            values, errors = request_params_to_args(self.dependant.query_params, given)
            arguments |= values
            return not errors
        # The framework takes ten times as long for a model.
        read = {name: given.getlist(name) if name in self.repeated_names else given[name] for name in given}
        try:
            arguments[self.dependant.query_params[0].name] = self.query_model.model_validate(read)
        except ValidationError:
            return False
        return True

    def _add_body(self, arguments: dict[str, Any], context: RequestContext, message: Message) -> bool:
        if self.body is None or self.body_name is None:
            return True
        raw = message.get("body", b"")
        if not raw or not is_json(context.headers.get("content-type", "")):
            return False
        try:
            arguments[self.body_name] = self.body.model_validate(strict_json(raw))
        except (RequestValidationError, ValidationError):
            return False
        return True


def _is_model(kind: Any) -> TypeGuard[type[BaseModel]]:
    return inspect.isclass(kind) and issubclass(kind, BaseModel)


def _lists_of(model: type[BaseModel]) -> Iterator[str]:
    """Yield the names of the fields that take all values of a repeated parameter; others take the last."""
    return (name for name, field in model.model_fields.items() if get_origin(field.annotation) is list)
