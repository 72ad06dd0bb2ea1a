"""Routes that declare their permission and policy, and strict reading of JSON bodies and query parameters."""

import inspect
import json
import warnings
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Unpack

import orjson
from fastapi import APIRouter, Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.params import Form
from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic.warnings import UnsupportedFieldAttributeWarning
from starlette.responses import Response

from luxewin.kit.access import ANONYMOUS, SUPER_ADMIN_ROLE, Permission
from luxewin.kit.errors import (
    DomainError,
    Forbidden,
    InvalidInput,
    PreconditionFailed,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from luxewin.kit.http.policies import PolicyOptions, RoutePolicy, default_policy
from luxewin.kit.http.problems import UnsupportedMediaType, status_of

# The framework gives its fields of bodies an alias without effect, and suppresses Pydantic's warning while it builds
# them. Models with `defer_build` are built later, outside that suppression.
warnings.filterwarnings("ignore", category=UnsupportedFieldAttributeWarning)

Endpoint = Callable[..., Any]
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


class GuardedRoute(APIRoute):
    """A route that checks its permission before it reads the request.

    Its permission and policy are declared with `Router.operation`; one without them cannot be built.
    """

    def __init__(self, path: str, endpoint: Endpoint, **options: Any) -> None:
        self.permission: Permission = endpoint.permission  # type: ignore[attr-defined]  # set by Router, missing otherwise
        self.policy: RoutePolicy = endpoint.policy  # type: ignore[attr-defined]  # as above
        super().__init__(path, endpoint, **options)

    def takes_condition(self, headers: Mapping[str, str]) -> bool:
        """Return whether the operation compares the versions in a request's `If-Match`, or has none to compare.

        A write that compares none must refuse them: ignoring them would lose what they protect.
        """
        if headers.get("if-match", "*").strip() == "*":
            return True
        return status_of(PreconditionFailed) in self.responses or "GET" in (self.methods or ())

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the handler."""
        permission = self.permission
        handle = super().get_route_handler()
        declared = DeclaredParameters(frozenset(query_names(self.dependant)), tuple(_open_prefixes(self.dependant)))
        takes_json = self.body_field is not None and not isinstance(self.body_field.field_info, Form)

        async def check_and_handle(request: Request) -> Response:
            principal = request.scope["state"]["context"].principal
            if not permission.held_by(principal.role):
                raise Unauthenticated if principal is ANONYMOUS else Forbidden
            _must_be_declared(request, declared)
            if not self.takes_condition(request.headers):
                raise InvalidInput("This operation changes no object that has a version; send it without `If-Match`")
            strict = StrictRequest(request.scope, request.receive)
            if takes_json and await strict.body():
                if not is_json(strict.headers.get("content-type", "")):
                    raise UnsupportedMediaType
                await strict.json()  # here, because the framework would report no details
            return await handle(strict)

        return check_and_handle


@dataclass(frozen=True, slots=True)
class DeclaredParameters:
    """The query parameters of an operation: by name, and those whose names begin with a prefix, as `option.`."""

    names: frozenset[str]
    prefixes: tuple[str, ...]

    def __contains__(self, name: str) -> bool:
        """Return whether the operation takes a parameter of this name."""
        return name in self.names or (name.startswith(self.prefixes) and name not in self.prefixes)


class StrictRequest(Request):
    """A request whose JSON is read strictly: no NaN, no lone surrogates, no NUL, no duplicate names, bounded depth."""

    async def json(self) -> Any:
        """Return the parsed body, or reject it as invalid input."""
        if not hasattr(self, "_json"):
            self._json = strict_json(await self.body())
        return self._json


class Router(APIRouter):
    """A module's or workflow's routes; `operation` declares a route with its policy and its documentation.

    The policy options given here are defaults for all routes of the router.
    """

    def __init__(self, tag: str, **policy: Unpack[PolicyOptions]) -> None:
        super().__init__(tags=[tag], route_class=GuardedRoute)
        self._policy = policy

    def operation(
        self,
        method: Method,
        path: str,
        *,
        permission: Permission,
        response_model: Any = None,
        status: int = 200,
        errors: Sequence[type[DomainError]] = (),
        extra_responses: dict[int | str, dict[str, Any]] | None = None,
        **policy: Unpack[PolicyOptions],
    ) -> Callable[[Endpoint], Endpoint]:
        """Declare an operation: its permission, its response, every error by its code, and its policy.

        The policy follows from the method and the path; options override it (see `RoutePolicy`). The first line of
        the endpoint's docstring is the summary, all of it the description.
        """

        def declare(endpoint: Endpoint) -> Endpoint:
            options: PolicyOptions = {**self._policy, **policy}
            endpoint.permission = permission  # type: ignore[attr-defined]  # read by GuardedRoute, at once
            endpoint.policy = replace(default_policy(method, path), **options)  # type: ignore[attr-defined]  # as above
            self.add_api_route(
                path,
                endpoint,
                methods=[method],
                response_model=response_model,
                status_code=status,
                summary=(endpoint.__doc__ or "").strip().partition("\n")[0].rstrip("."),
                operation_id=endpoint.__name__,
                responses={**_error_responses(permission, errors), **(extra_responses or {})},
                openapi_extra={
                    "x-permission": permission.name,
                    "x-roles": sorted({*permission.roles, SUPER_ADMIN_ROLE}),
                },
            )
            return endpoint

        return declare


def strict_json(raw: bytes) -> Any:
    """Return the parsed body.

    Raises:
        RequestValidationError: it is not JSON, has a duplicate name, contains NUL or is nested too deeply.
    """
    try:
        parsed = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise _invalid("json_invalid", f"The body is not valid JSON: {error}") from error
    if b"\\u0000" in raw and any(isinstance(part, str) and "\0" in part for part in _parts(parsed)):
        raise _invalid("nul_character", "The body must not contain NUL characters")
    # Every name has a colon of its own, so that only a body with more colons can contain a duplicate name.
    if raw.count(b":") != sum(len(part) for part in _parts(parsed) if isinstance(part, dict)):
        _must_have_no_duplicates(raw)
    return parsed


def is_json(content_type: str) -> bool:
    """Return whether a body of this type is JSON."""
    media_type = content_type.partition(";")[0].strip().lower()
    return media_type == "application/json" or (media_type.startswith("application/") and media_type.endswith("+json"))


def query_names(dependant: Dependant) -> Iterator[str]:
    """Yield the names of the query parameters that an operation declares, one by one or as the fields of a model."""
    for field in dependant.query_params:
        kind = field.field_info.annotation
        if inspect.isclass(kind) and issubclass(kind, BaseModel):
            yield from kind.model_fields
        else:
            yield field.alias
    for needed in dependant.dependencies:
        yield from query_names(needed)


def _open_prefixes(dependant: Dependant) -> Iterator[str]:
    """Yield the prefixes of the parameters that the models of an operation take in addition to their fields."""
    for field in dependant.query_params:
        yield from getattr(field.field_info.annotation, "open_prefixes", ())


def _error_responses(permission: Permission, errors: Sequence[type[DomainError]]) -> dict[int | str, dict[str, Any]]:
    """Return the codes of an operation's errors, by status; only the finished document describes their schema.

    The framework would build that model anew for each of them, which takes a third of the startup time.
    """
    kinds: list[type[DomainError]] = [InvalidInput, *errors, TooMany, Unavailable]
    if not permission.held_by(ANONYMOUS.role):
        kinds += [Unauthenticated, Forbidden]
    codes: dict[int, list[str]] = {}
    for kind in kinds:
        codes.setdefault(status_of(kind), []).append(f"`{kind.code}`: {kind.title}")
    return {status: {"description": "; ".join(sorted(set(lines)))} for status, lines in sorted(codes.items())}


def _invalid(kind: str, message: str) -> RequestValidationError:
    return RequestValidationError([{"type": kind, "loc": ("body",), "msg": message, "input": {}}])


def _must_be_declared(request: Request, declared: DeclaredParameters) -> None:
    """Reject undeclared parameters, so that a misspelt filter is an error, not an unfiltered list."""
    unknown = [name for name in request.query_params if name not in declared]
    if unknown:
        context = {"known": sorted({*declared.names, *declared.prefixes})}
        raise RequestValidationError(
            [
                {"type": "extra_forbidden", "loc": ("query", name), "msg": "", "input": {}, "ctx": context}
                for name in unknown
            ]
        )


def _parts(value: Any) -> Iterator[Any]:
    """Yield a parsed value and everything in it, names included, without recursion: a body may be nested deeply."""
    pending = [value]
    while pending:
        part = pending.pop()
        yield part
        if isinstance(part, dict):
            pending.extend(part)
            pending.extend(part.values())
        elif isinstance(part, list):
            pending.extend(part)


def _must_have_no_duplicates(raw: bytes) -> None:
    """Reject an object with a duplicate name: some parsers use the first value, others the last."""

    def check_names(pairs: list[tuple[str, Any]]) -> None:
        if len({name for name, _ in pairs}) != len(pairs):
            raise _invalid("json_invalid", "The body is not valid: an object has the same field twice")

    try:
        json.loads(raw, object_pairs_hook=check_names, parse_int=str, parse_float=str)
    except RecursionError as error:
        raise _invalid("json_invalid", "The body is nested too deeply") from error
