"""Every refusal leaves as RFC 9457 `application/problem+json`, with a stable code and no secret in it."""

from collections.abc import Mapping
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from luxewin.kit import errors
from luxewin.kit.errors import DomainError
from luxewin.kit.http.headers import HeadersTooLarge
from luxewin.kit.idempotency import InFlight
from luxewin.kit.observability.metrics import REFUSALS


class BodyTooLarge(errors.InvalidInput):
    """The body is larger than this route takes."""

    code = "request.too_large"
    title = "The body is too large"


METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class MethodNotAllowed(errors.InvalidInput):
    """The method is served nowhere."""

    code = "request.method_not_allowed"
    title = "This method is not served"


class UnsupportedMediaType(errors.InvalidInput):
    """The body is not of a type that this route reads."""

    code = "request.unsupported_media_type"
    title = "Send the body as application/json"


MEDIA_TYPE = "application/problem+json"
STATUSES: Mapping[type[DomainError], int] = {
    BodyTooLarge: 413,
    HeadersTooLarge: 431,
    MethodNotAllowed: 405,
    UnsupportedMediaType: 415,
    errors.InvalidInput: 400,
    errors.Unauthenticated: 401,
    errors.PaymentDeclined: 402,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.PreconditionFailed: 412,
    errors.KeyReused: 422,
    errors.TooMany: 429,
    errors.Unavailable: 503,
}
_CODES_OF_STATUS = {
    400: "request.invalid",
    404: "request.not_found",
    405: "request.method_not_allowed",
    413: "request.too_large",
    415: "request.unsupported_media_type",
}


class InputError(BaseModel):
    """One thing that is wrong with the input, and where."""

    pointer: str = Field(description="JSON pointer into the body (empty for all of it), or the name of a parameter")
    code: str
    message: str


class Problem(BaseModel):
    """A refusal as RFC 9457 describes it."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "type": "/docs/errors#request.not_found",
                    "title": "There is no such thing here",
                    "status": 404,
                    "detail": "There is no such thing here",
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
    """Return the HTTP status of a kind of refusal."""
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
        headers["allow"] = ", ".join(METHODS)  # of everything that is served; a route that knows its own says which
    body = {
        "type": f"/docs/errors#{code}",
        "title": title,
        "status": status,
        "detail": detail or title,
        "code": code,
        "request_id": request_id,
        **facts,
    }
    return Response(orjson.dumps(body, default=str), status, headers)


def failed(*, request_id: str) -> Response:
    """Build the problem document of a failure of ours: it tells nothing of what went wrong."""
    return problem(500, "service.failed", "Something went wrong on our side", request_id=request_id)


def problem_response(error: DomainError, *, request_id: str) -> Response:
    """Build the problem document of a refusal."""
    return problem(
        status_of(type(error)),
        error.code,
        error.title,
        request_id=request_id,
        detail=error.detail,
        **error.facts,
    )


def install(app: FastAPI) -> None:
    """Let the application answer refusals, invalid input, unknown paths and its own failures with problem documents."""
    app.add_exception_handler(DomainError, _on_refusal)
    app.add_exception_handler(RequestValidationError, _on_invalid_input)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(Exception, _on_failure)


async def _on_refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, DomainError)
    if isinstance(error, InFlight):
        error.facts.setdefault("retry_after_seconds", 1)
    REFUSALS.labels(error.code).inc()
    return problem_response(error, request_id=_request_id(request))


async def _on_invalid_input(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return problem(
        400,
        "request.invalid",
        "The request is not valid",
        request_id=_request_id(request),
        detail="One or more values are not valid; see `errors`",
        errors=[_input_error(item) for item in error.errors()[:50]],
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
    """Return all methods that the address has; the framework names those of the first route that it finds there."""
    routes = request.app.router.routes
    return [
        method
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes)
    ]


async def _on_failure(request: Request, _error: Exception) -> Response:
    # The framework answers first and raises the error again afterwards; the gate then writes it to the log.
    return failed(request_id=_request_id(request))


def _input_error(item: Mapping[str, Any]) -> dict[str, str]:
    where = [str(part) for part in item["loc"]]
    source, path = (where[0], where[1:]) if where else ("body", [])
    pointer = "".join(map(_step, path)) if source == "body" else "/".join(path)
    return {"pointer": pointer, "code": str(item["type"]), "message": str(item["msg"])}


def _step(part: str) -> str:
    """Return one step of a JSON pointer (RFC 6901); the whole body is the pointer without any."""
    return "/" + part.replace("~", "~0").replace("/", "~1")


def _request_id(request: Request) -> str:
    call = request.scope.get("state", {}).get("context")
    return call.request_id if call else ""
