"""Every error becomes a problem document (RFC 9457, `application/problem+json`) with a stable code and no secret."""

from collections.abc import Mapping
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from luxewin.kit import errors
from luxewin.kit.errors import DomainError
from luxewin.kit.http.headers import HeadersTooLarge
from luxewin.kit.http.types import FOUND
from luxewin.kit.http.validation import input_error
from luxewin.kit.observability.metrics import REFUSALS


class BodyTooLarge(errors.InvalidInput):
    """The body is larger than this operation accepts; a JSON body may have 1 MiB."""

    code = "request.too_large"
    title = "The body is too large; send a smaller one"


METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class MethodNotAllowed(errors.InvalidInput):
    """The path does not support this HTTP method; the `Allow` header lists the supported ones."""

    code = "request.method_not_allowed"
    title = "This HTTP method is not supported here"


class UnsupportedMediaType(errors.InvalidInput):
    """Send JSON with `Content-Type: application/json`, and files as `multipart/form-data`."""

    code = "request.unsupported_media_type"
    title = "This content type is not supported; send the body as application/json"


MEDIA_TYPE = "application/problem+json"
STATUSES: Mapping[type[DomainError], int] = {
    BodyTooLarge: 413,
    HeadersTooLarge: 431,
    MethodNotAllowed: 405,
    UnsupportedMediaType: 415,
    errors.InvalidInput: 400,
    errors.Unauthenticated: 401,
    errors.Declined: 402,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.PreconditionFailed: 412,
    errors.KeyReused: 422,
    errors.TooMany: 429,
    errors.Unavailable: 503,
}
_MAX_INPUT_ERRORS = 50
_CODES_OF_STATUS = {
    400: "request.invalid",
    404: "request.not_found",
    405: "request.method_not_allowed",
    413: "request.too_large",
    415: "request.unsupported_media_type",
}


class InputError(BaseModel):
    """One value that is not valid, and its position."""

    pointer: str = Field(description="JSON pointer into the body (empty for all of it), or the name of a parameter")
    code: str
    message: str


class Problem(BaseModel):
    """An error in the format of RFC 9457."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "type": "/docs/errors#request.not_found",
                    "title": "The requested object does not exist",
                    "status": 404,
                    "detail": "The requested object does not exist",
                    "code": "request.not_found",
                    "request_id": "0199a1b2-0000-7000-8000-000000000000",
                }
            ]
        },
    )

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: list[InputError] | None = None


def status_of(error: type[DomainError]) -> int:
    """Return the HTTP status of an error class."""
    return next(STATUSES[kind] for kind in error.__mro__ if kind in STATUSES)


def problem(
    status: int, code: str, title: str, *, request_id: str, detail: str | None = None, **facts: Any
) -> Response:
    """Build a problem document."""
    headers = {"content-type": MEDIA_TYPE, "cache-control": "no-store"}
    if (wait := facts.pop("retry_after_seconds", None)) is not None:
        headers["retry-after"] = str(wait)
    elif status == STATUSES[errors.Unavailable]:
        headers["retry-after"] = "1"
    if status == STATUSES[errors.Unauthenticated]:
        headers["www-authenticate"] = "Bearer"
    if status == STATUSES[MethodNotAllowed]:
        headers["allow"] = ", ".join(METHODS)  # of the whole API; `_on_http_error` names those of one path
    body = {
        "type": f"/docs/errors#{code}",
        "title": title,
        "status": status,
        "detail": detail or title,
        "code": code,
        "request_id": request_id,
        **facts,
    }
    return Response(orjson.dumps(body, default=str, option=orjson.OPT_UTC_Z), status, headers)


def internal_error(*, request_id: str) -> Response:
    """Build the problem document of an internal error; it contains no details of the cause."""
    return problem(
        500, "service.failed", "Internal error; if it persists, report the `request_id`", request_id=request_id
    )


def problem_response(error: DomainError, *, request_id: str) -> Response:
    """Build the problem document of an error."""
    return problem(
        status_of(type(error)),
        error.code,
        error.title,
        request_id=request_id,
        detail=error.detail,
        **error.facts,
    )


def install(app: FastAPI) -> None:
    """Make the application respond to errors, invalid input, unknown paths and failures with problem documents."""
    app.add_exception_handler(DomainError, _on_domain_error)
    app.add_exception_handler(RequestValidationError, _on_invalid_input)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(Exception, _on_failure)


async def _on_domain_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, DomainError)
    REFUSALS.labels(error.code).inc()
    return problem_response(error, request_id=_request_id(request))


async def _on_invalid_input(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    route = request.scope.get("route")
    body = route.body_field.field_info.annotation if isinstance(route, APIRoute) and route.body_field else None
    errors = [input_error(item, model=body) for item in error.errors()[:_MAX_INPUT_ERRORS]]
    return problem(
        400,
        "request.invalid",
        "The request is not valid",
        request_id=_request_id(request),
        detail=errors[0]["message"] if len(errors) == 1 else f"{len(errors)} values are not valid; see `errors`",
        errors=errors,
    )


async def _on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = _CODES_OF_STATUS.get(error.status_code, "request.refused")
    answer = problem(error.status_code, code, str(error.detail), request_id=_request_id(request))
    answer.headers.update(error.headers or {})
    if error.status_code == STATUSES[MethodNotAllowed]:
        answer.headers["allow"] = ", ".join(_methods_at(request))
    return answer


def _methods_at(request: Request) -> list[str]:
    """Return all methods of the path; the framework lists only those of the first route that matches."""
    routes = request.app.router.routes
    scope = {name: value for name, value in request.scope.items() if name != FOUND}
    return [
        method
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        if any(route.matches({**scope, "method": method})[0] is Match.FULL for route in routes)
    ]


async def _on_failure(request: Request, _error: Exception) -> Response:
    # The framework sends this response and raises the error again; the outermost middleware logs it.
    return internal_error(request_id=_request_id(request))


def _request_id(request: Request) -> str:
    context = request.scope.get("state", {}).get("context")
    return context.request_id if context else ""
