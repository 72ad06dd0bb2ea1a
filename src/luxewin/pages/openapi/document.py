"""The document in OpenAPI 3.1: the declarations of the routes, and the parts that all operations share."""

from collections.abc import Mapping
from copy import deepcopy

from fastapi import FastAPI
from fastapi.encoders import jsonable_encoder
from fastapi.openapi.constants import REF_TEMPLATE
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from luxewin import __version__
from luxewin.installed import TAGS
from luxewin.kit.http.problems import Problem
from luxewin.pages.errors import error_entries
from luxewin.pages.openapi.components import HEADERS, PARAMETERS, SECURITY_SCHEMES
from luxewin.pages.openapi.conventions import add_headers, add_parameters, add_security
from luxewin.pages.openapi.examples import add_examples, is_file, restore_examples
from luxewin.pages.openapi.names import with_short_names
from luxewin.pages.openapi.operations import Json, Operation, operations, resolve
from luxewin.pages.openapi.parameters import tidy_parameters
from luxewin.pages.openapi.partial_schemas import describe_partial_responses
from luxewin.pages.openapi.problems import describe_errors, problem_examples, share_error_responses

_DESCRIPTION = """\
Sell goods and chances: catalogue, cart, checkout, payments and orders of many shops in one installation.

**Start here.** Read `GET /products`, put a variant into a cart with `POST /cart/items`, order it with `POST /orders`.
Guests keep their cart by the header `X-Cart-Token`; accounts send `Authorization: Bearer …`.

**Conventions.** JSON in snake_case; times in UTC; ids are UUIDs. Money is `{"amount": 129900, "currency": "USD"}`, in
integer minor units. Lists are `{"data": […], "next_cursor": …}`. An error is an RFC 9457 problem document whose `code`
is stable: [every code](/docs/errors). Writes accept an `Idempotency-Key` and can then be retried safely;
`Prefer: dry-run` returns their effect without keeping it. The header `X-Tenant` names the shop.
"""
_SUCCESSES: Mapping[str, str] = {
    "200": "Success",
    "201": "Created",
    "202": "Accepted; the outcome follows later",
    "204": "Success, without a body",
}
_URL_ENCODED, _IN_PARTS = "application/x-www-form-urlencoded", "multipart/form-data"
_FRAMEWORK_DESCRIPTION = "Successful Response"
_FRAMEWORK_SCHEMAS = ("HTTPValidationError", "ValidationError")


def document(app: FastAPI) -> Json:
    """Return the description of every route of the application; the same code gives the same document."""
    framework = get_openapi(
        title="LuxeWin",
        version=__version__,
        summary="An open, self-hosted commerce backend",
        description=_DESCRIPTION,
        license_info={"name": "Apache 2.0", "identifier": "Apache-2.0"},
        servers=[{"url": "/", "description": "This installation"}],
        routes=app.routes,
    )
    described = with_short_names(framework)
    known = error_entries()
    _complete_components(described)
    named = restore_examples(described)
    returned: set[str] = set()
    for operation in operations(described):
        add_security(operation)
        returned |= describe_errors(operation, known)
        tidy_parameters(operation)
        add_parameters(operation)
        add_headers(operation, described)
        describe_partial_responses(operation, described)
        _send_files_in_parts(operation, described)
        add_examples(operation, described, named)
        _describe_successes(operation)
    described["components"]["examples"] = problem_examples(known[code] for code in sorted(returned))
    share_error_responses(described)
    used = {tag for operation in operations(described) for tag in operation.content.get("tags", [])}
    described["tags"] = [{"name": tag, "description": text} for tag, text in TAGS.items() if tag in used]
    return described


def _complete_components(described: Json) -> None:
    components = described.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in _FRAMEWORK_SCHEMAS:
        schemas.pop(name, None)
    _, refused = models_json_schema([(Problem, "serialization")], ref_template=REF_TEMPLATE)
    schemas |= jsonable_encoder(refused["$defs"], exclude_none=True)
    components |= deepcopy({"securitySchemes": SECURITY_SCHEMES, "parameters": PARAMETERS, "headers": HEADERS})


def _send_files_in_parts(operation: Operation, described: Json) -> None:
    # The framework declares a form as URL-encoded even if it contains a file, which must be sent in parts.
    content = operation.content.get("requestBody", {}).get("content", {})
    fields = resolve(content.get(_URL_ENCODED, {}).get("schema", {}), described).get("properties", {})
    if any(is_file(field) for field in fields.values()):
        content[_IN_PARTS] = content.pop(_URL_ENCODED)


def _describe_successes(operation: Operation) -> None:
    """Describe successful responses that the route does not describe itself."""
    for status, answer in operation.successes.items():
        _drop_undeclared_json(answer)
        if answer.get("description") == _FRAMEWORK_DESCRIPTION and status in _SUCCESSES:
            answer["description"] = _SUCCESSES[status]
    operation.content["responses"] = dict(sorted(operation.responses.items()))


def _drop_undeclared_json(answer: Json) -> None:
    # The framework assumes JSON even of an answer that is declared as something else.
    content = answer.get("content", {})
    if len(content) > 1 and not content.get("application/json", {}).get("schema", True):
        del content["application/json"]
