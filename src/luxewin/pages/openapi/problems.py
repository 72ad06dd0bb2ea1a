"""Errors in the document: all errors of each operation, each code with an example."""

import re
from collections.abc import Iterable, Iterator, Mapping

from luxewin.kit.errors import DomainError, Forbidden, KeyReused, NotFound, Unauthenticated
from luxewin.kit.http.problems import MEDIA_TYPE, BodyTooLarge, UnsupportedMediaType
from luxewin.kit.idempotency import InFlight
from luxewin.kit.pagination import InvalidCursor
from luxewin.kit.tenancy import TenantDisagreement, UnknownTenant
from luxewin.modules.identity.public import InvalidToken
from luxewin.pages.errors import ErrorEntry
from luxewin.pages.openapi.conventions import is_repeatable
from luxewin.pages.openapi.operations import Json, Operation, operations

_CODE = re.compile(r"`([a-z0-9_]+\.[a-z0-9_.]+)`")
_FRAMEWORK_SCHEMA = "#/components/schemas/HTTPValidationError"
_PROBLEM = {"$ref": "#/components/schemas/Problem"}
_FIRST_ERROR_STATUS = "400"


def describe_errors(operation: Operation, known: Mapping[str, ErrorEntry]) -> set[str]:
    """Describe an operation's errors as problem documents, add those of every operation, and return all codes."""
    codes = _declared_codes(operation)
    for code in ("service.failed", *(kind.code for kind in _always_possible(operation))):
        codes.setdefault(str(known[code].status), set()).add(code)
    for status, listed in sorted(codes.items()):
        answer = operation.responses.setdefault(status, {"description": ""})
        entries = [known[code] for code in sorted(listed) if code in known]
        if entries:
            answer["description"] = "\n".join(f"- `{entry.code}`: {entry.title}" for entry in entries)
        answer["content"] = {MEDIA_TYPE: {"schema": _PROBLEM, **_examples(entries)}}
    return set().union(*codes.values()) & known.keys()


def share_error_responses(document: Json) -> None:
    """Move responses that many operations share to the components; that halves the size of the document."""
    shared: Json = document["components"].setdefault("responses", {})
    for operation in operations(document):
        for status, answer in operation.responses.items():
            examples = answer.get("content", {}).get(MEDIA_TYPE, {}).get("examples", {})
            if len(examples) != 1:
                continue
            code = next(iter(examples))
            if shared.setdefault(code, answer) == answer:
                operation.responses[status] = {"$ref": f"#/components/responses/{code}"}


def problem_examples(entries: Iterable[ErrorEntry]) -> Json:
    """Return an example of each error by its code."""
    return {entry.code: {"summary": entry.title, "value": _example(entry)} for entry in entries}


def _declared_codes(operation: Operation) -> dict[str, set[str]]:
    for status, answer in list(operation.responses.items()):
        if _FRAMEWORK_SCHEMA in str(answer.get("content")):
            del operation.responses[status]
    return {
        status: set(_CODE.findall(answer.get("description", "")))
        for status, answer in operation.responses.items()
        if status >= _FIRST_ERROR_STATUS
    }


def _always_possible(operation: Operation) -> Iterator[type[DomainError]]:
    yield from (Unauthenticated, InvalidToken, TenantDisagreement, UnknownTenant)
    if operation.content["security"] == [{"bearerAuth": []}]:
        yield Forbidden
    if "{" in operation.path:
        yield NotFound
    if "requestBody" in operation.content:
        yield from (BodyTooLarge, UnsupportedMediaType)
    if any(parameter.get("name") == "cursor" for parameter in operation.content.get("parameters", ())):
        yield InvalidCursor
    if is_repeatable(operation):
        yield from (KeyReused, InFlight)


def _examples(entries: list[ErrorEntry]) -> Json:
    if not entries:
        return {}
    return {"examples": {entry.code: {"$ref": f"#/components/examples/{entry.code}"} for entry in entries}}


def _example(entry: ErrorEntry) -> Json:
    example: Json = {
        "type": f"/docs/errors#{entry.code}",
        "title": entry.title,
        "status": entry.status,
        "detail": entry.title,
        "code": entry.code,
        "request_id": "0199a1b2-0000-7000-8000-000000000000",
    }
    if entry.code == "request.invalid":
        example["errors"] = [
            {
                "pointer": "/quantity",
                "code": "greater_than_equal",
                "message": "`quantity` must be at least 1, got 0",
            }
        ]
    return example
