"""Refusals in the document: on every operation those it can meet, each code with an example."""

import re
from collections.abc import Iterable, Iterator, Mapping

from luxewin.kit.errors import DomainError, Forbidden, KeyReused, NotFound, Unauthenticated
from luxewin.kit.http.problems import MEDIA_TYPE, BodyTooLarge, UnsupportedMediaType
from luxewin.kit.idempotency import InFlight
from luxewin.kit.pagination import InvalidCursor
from luxewin.kit.tenancy import TenantDisagreement, UnknownTenant
from luxewin.modules.identity.public import InvalidToken
from luxewin.pages.openapi.conventions import is_repeatable
from luxewin.pages.openapi.operations import Json, Operation, operations
from luxewin.pages.refusals import Entry

_CODE = re.compile(r"`([a-z0-9_]+\.[a-z0-9_.]+)`")
_FRAMEWORKS_OWN = "#/components/schemas/HTTPValidationError"
_PROBLEM = {"$ref": "#/components/schemas/Problem"}
_FIRST_FAILING_STATUS = "400"


def describe_refusals(operation: Operation, known: Mapping[str, Entry]) -> set[str]:
    """Rewrite an operation's refusals as problem documents, add what any request can meet, and return all codes."""
    codes = _declared(operation)
    for code in ("service.failed", *(kind.code for kind in _met_anywhere(operation))):
        codes.setdefault(str(known[code].status), set()).add(code)
    for status, named in sorted(codes.items()):
        answer = operation.responses.setdefault(status, {"description": ""})
        entries = [known[code] for code in sorted(named) if code in known]
        if entries:
            answer["description"] = "\n".join(f"- `{entry.code}`: {entry.title}" for entry in entries)
        answer["content"] = {MEDIA_TYPE: {"schema": _PROBLEM, **_examples(entries)}}
    return set().union(*codes.values()) & known.keys()


def share_refusals(document: Json) -> None:
    """Say a refusal that is the same on many operations once, and refer to it; the document shrinks by half."""
    shared: Json = document["components"].setdefault("responses", {})
    for operation in operations(document):
        for status, answer in operation.responses.items():
            examples = answer.get("content", {}).get(MEDIA_TYPE, {}).get("examples", {})
            if len(examples) != 1:
                continue
            code = next(iter(examples))
            if shared.setdefault(code, answer) == answer:
                operation.responses[status] = {"$ref": f"#/components/responses/{code}"}


def problem_examples(entries: Iterable[Entry]) -> Json:
    """Return an example of each refusal, by its code."""
    return {entry.code: {"summary": entry.title, "value": _example(entry)} for entry in entries}


def _declared(operation: Operation) -> dict[str, set[str]]:
    for status, answer in list(operation.responses.items()):
        if _FRAMEWORKS_OWN in str(answer.get("content")):
            del operation.responses[status]
    return {
        status: set(_CODE.findall(answer.get("description", "")))
        for status, answer in operation.responses.items()
        if status >= _FIRST_FAILING_STATUS
    }


def _met_anywhere(operation: Operation) -> Iterator[type[DomainError]]:
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


def _examples(entries: list[Entry]) -> Json:
    if not entries:
        return {}
    return {"examples": {entry.code: {"$ref": f"#/components/examples/{entry.code}"} for entry in entries}}


def _example(entry: Entry) -> Json:
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
                "message": "Must be 1 or more",
            }
        ]
    return example
