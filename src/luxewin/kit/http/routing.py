"""Routes that cannot forget their permission, and bodies that cannot smuggle what JSON should not carry."""

import warnings
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Literal

import orjson
from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from fastapi.params import Form
from fastapi.routing import APIRoute
from pydantic.warnings import UnsupportedFieldAttributeWarning
from starlette.responses import Response

from luxewin.kit.access import ANONYMOUS, Permission, Role
from luxewin.kit.errors import Forbidden, InvalidInput, Refusal, TooMany, Unauthenticated, Unavailable
from luxewin.kit.http.problems import MEDIA_TYPE, Problem, UnsupportedMediaType, status_of

# The framework gives its own fields of bodies an alias that means nothing, and silences Pydantic's warning of it while
# it builds them; models with `defer_build` are built later, where nobody does.
warnings.filterwarnings("ignore", category=UnsupportedFieldAttributeWarning)

Endpoint = Callable[..., Any]
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


class GuardedRoute(APIRoute):
    """A route that asks for its permission before it reads the request."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the handler; a route whose endpoint declares no permission cannot be built."""
        permission: Permission = self.endpoint.permission  # type: ignore[attr-defined]  # set by Router, missing otherwise
        handle = super().get_route_handler()
        takes_json = self.body_field is not None and not isinstance(self.body_field.field_info, Form)

        async def guarded(request: Request) -> Response:
            principal = request.scope["state"]["call"].principal
            if not permission.held_by(principal.role):
                raise Unauthenticated if principal is ANONYMOUS else Forbidden
            strict = StrictRequest(request.scope, request.receive)
            if takes_json and await strict.body() and not is_json(strict.headers.get("content-type", "")):
                raise UnsupportedMediaType
            return await handle(strict)

        return guarded


class StrictRequest(Request):
    """A request whose JSON is read strictly: no NaN, no lone surrogates, no NUL, bounded depth."""

    async def json(self) -> Any:
        """Return the parsed body, or refuse it as invalid input."""
        return strict_json(await self.body())


class Router(APIRouter):
    """A module's or workflow's routes; `operation` declares one with all that its documentation needs."""

    def __init__(self, tag: str) -> None:
        super().__init__(tags=[tag], route_class=GuardedRoute)

    def operation(
        self,
        method: Method,
        path: str,
        *,
        permission: Permission,
        answers: Any = None,
        status: int = 200,
        refuses: Sequence[type[Refusal]] = (),
        also: dict[int | str, dict[str, Any]] | None = None,
    ) -> Callable[[Endpoint], Endpoint]:
        """Declare an operation: its permission, its answer and every refusal by its code.

        The first line of the endpoint's docstring is the summary, the whole of it the description.
        """

        def declare(endpoint: Endpoint) -> Endpoint:
            endpoint.permission = permission  # type: ignore[attr-defined]  # read by GuardedRoute
            self.add_api_route(
                path,
                endpoint,
                methods=[method],
                response_model=answers,
                status_code=status,
                summary=(endpoint.__doc__ or "").strip().partition("\n")[0].rstrip("."),
                operation_id=endpoint.__name__,
                responses={**_refusals(permission, refuses), **(also or {})},
                openapi_extra={
                    "x-permission": permission.name,
                    "x-roles": sorted({*permission.roles, Role.SUPER_ADMIN}),
                },
            )
            return endpoint

        return declare


def strict_json(raw: bytes) -> Any:
    """Return the parsed body.

    Raises:
        RequestValidationError: it is not JSON, or holds what JSON should not carry.
    """
    try:
        parsed = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise RequestValidationError(
            [{"type": "json_invalid", "loc": ("body",), "msg": f"This is not JSON: {error}", "input": {}}]
        ) from error
    if b"\\u0000" in raw and _holds_nul(parsed):
        raise RequestValidationError(
            [{"type": "nul_character", "loc": ("body",), "msg": "Text must not hold NUL characters", "input": {}}]
        )
    return parsed


def is_json(content_type: str) -> bool:
    """Tell whether a body of this type is JSON."""
    media_type = content_type.partition(";")[0].strip().lower()
    return media_type == "application/json" or (media_type.startswith("application/") and media_type.endswith("+json"))


def _refusals(permission: Permission, refuses: Sequence[type[Refusal]]) -> dict[int | str, dict[str, Any]]:
    kinds: list[type[Refusal]] = [InvalidInput, *refuses, TooMany, Unavailable]
    if not permission.held_by(ANONYMOUS.role):
        kinds += [Unauthenticated, Forbidden]
    codes: dict[int, list[str]] = {}
    for kind in kinds:
        codes.setdefault(status_of(kind), []).append(f"`{kind.code}`: {kind.title}")
    return {
        status: {
            "model": Problem,
            "description": "; ".join(sorted(set(lines))),
            "content": {MEDIA_TYPE: {}},
        }
        for status, lines in sorted(codes.items())
    }


def _holds_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_holds_nul(key) or _holds_nul(item) for key, item in value.items())
    return isinstance(value, list) and any(map(_holds_nul, value))
