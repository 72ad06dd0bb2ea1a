"""Direct calls: most operations are called without the framework's request handling.

Between the middleware and an operation the framework passes a request through eight layers and solves its dependencies,
which takes longer than the code of many operations (see docs/performance.md). Here the values of path, query and body
are validated by the same fields, and the operation is called. Only valid requests are called directly: the framework
handles all others, so that every error message has a single source.
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

from luxewin.kit.http.bodies import replay_first
from luxewin.kit.http.context import RequestContext, current_context
from luxewin.kit.http.fields import Body
from luxewin.kit.http.paging import PageQuery, page_query
from luxewin.kit.http.request_telemetry import ROUTE
from luxewin.kit.http.route_table import RouteTable
from luxewin.kit.http.routing import Endpoint, GuardedRoute, is_json, query_names, strict_json
from luxewin.kit.http.types import FOUND, Asgi, Message, Receive, Scope, Send

_LONGEST_QUERY_BYTES = 4096


class DirectCalls:
    """Wraps the framework's application, and calls operations directly if they allow it and the request is valid."""

    def __init__(self, app: Asgi, routes: RouteTable) -> None:
        self._app = app
        self._calls = {route.endpoint: call for route in routes.routes if (call := _DirectCall.of(route)) is not None}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, whose scope contains the result of the route table."""
        found, values = scope[FOUND]  # set by the middleware
        call = None if found.route is None else self._calls.get(found.route.endpoint)
        if call is None:
            await self._app(scope, receive, send)
            return
        scope[ROUTE] = found.template
        context: RequestContext = scope["state"]["context"]
        message = await receive()
        arguments = None
        if call.route.permission.held_by(context.principal.role):
            path = dict(zip(found.parameters, values, strict=True))
            arguments = call.arguments(scope, replay_first(message, receive), context, message, path)
        if arguments is None:
            # The framework has no route for HEAD; the server sends no body in response to one.
            method = "GET" if scope["method"] == "HEAD" else scope["method"]
            await self._app({**scope, "method": method}, replay_first(message, receive), send)
            return
        response: Response = await call.endpoint(**arguments)
        await response(scope, receive, send)


@dataclass(frozen=True, slots=True)
class _DirectCall:
    """A call of one operation: the part of the request that each of its parameters receives."""

    route: GuardedRoute
    endpoint: Endpoint
    dependant: Dependant
    query_names: frozenset[str]
    query_model: type[BaseModel] | None
    repeated_names: frozenset[str]
    context_name: str | None
    paging: Dependant | None
    request_name: str | None
    body_name: str | None
    body: type[Body] | None

    @classmethod
    def of(cls, route: GuardedRoute) -> Self | None:
        """Return the direct call of an operation; None if it needs the framework for a parameter or its response."""
        dependant = route.dependant
        contexts = [dependency.name for dependency in dependant.dependencies if dependency.call is current_context]
        pagings = [dependency for dependency in dependant.dependencies if dependency.call is page_query]
        signature = inspect.signature(route.endpoint, eval_str=True)
        bodies = [signature.parameters[field.name].annotation for field in dependant.body_params]
        fields = (*dependant.path_params, *dependant.query_params, *dependant.body_params)
        supported = {
            *(field.name for field in fields),
            *contexts,
            *(dependency.name for dependency in pagings),
            dependant.request_param_name,
        }
        is_plain = (
            signature.return_annotation is Response
            and len(contexts) <= 1
            and len(pagings) <= 1
            and len(dependant.dependencies) == len(contexts) + len(pagings)
            and len(bodies) <= 1
            and all(inspect.isclass(body) and issubclass(body, Body) for body in bodies)
            and supported.issuperset(signature.parameters)
        )
        models = [field.field_info.annotation for field in dependant.query_params]
        model = models[0] if len(models) == 1 and _is_model(models[0]) else None
        if not is_plain or (model is not None and pagings):
            return None
        return cls(
            route=route,
            endpoint=route.endpoint,
            dependant=dependant,
            query_names=frozenset(query_names(dependant)),
            query_model=model,
            repeated_names=frozenset(_lists_of(model)) if model is not None else frozenset(),
            context_name=contexts[0] if contexts else None,
            paging=pagings[0] if pagings else None,
            request_name=dependant.request_param_name,
            body_name=dependant.body_params[0].name if bodies else None,
            body=bodies[0] if bodies else None,
        )

    def arguments(
        self, scope: Scope, receive: Receive, context: RequestContext, message: Message, path: Mapping[str, str]
    ) -> dict[str, Any] | None:
        """Return the arguments of the call; None if the request is not valid, which the framework reports."""
        arguments: dict[str, Any] = {}
        if not self.route.takes_condition(context.headers):
            return None
        if self.context_name is not None:
            arguments[self.context_name] = context
        if self.request_name is not None:
            arguments[self.request_name] = Request(scope, receive)
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
        parameters = QueryParams(query)
        if not self.query_names.issuperset(parameters):
            return False
        if self.query_model is None:
            values, errors = request_params_to_args(self.dependant.query_params, parameters)
            arguments |= values
            return not errors and self._add_page_query(arguments, parameters)
        # The framework takes ten times as long for a model.
        model_values = {
            name: parameters.getlist(name) if name in self.repeated_names else parameters[name] for name in parameters
        }
        try:
            arguments[self.dependant.query_params[0].name] = self.query_model.model_validate(model_values)
        except ValidationError:
            return False
        return True

    def _add_page_query(self, arguments: dict[str, Any], parameters: QueryParams) -> bool:
        if self.paging is None or self.paging.name is None:
            return True
        values, errors = request_params_to_args(self.paging.query_params, parameters)
        if not errors:
            arguments[self.paging.name] = PageQuery(**values)
        return not errors

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
