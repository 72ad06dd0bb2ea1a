"""The OpenAPI document: valid, complete, with correct examples, and the same in OpenAPI 3.0."""

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import jsonschema_rs
import orjson
import pytest
from fastapi import FastAPI
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

from luxewin.kit.database import Database
from luxewin.main import openapi_document
from luxewin.pages.openapi.document import document
from luxewin.pages.openapi.openapi_3_0 import to_openapi_3_0
from luxewin.pages.openapi.operations import Json, Operation, operations, resolve
from tests.pages.conftest import Site
from tests.pages.gaps import gaps


@pytest.fixture(scope="module")
def described(app: FastAPI) -> Json:
    """The document in OpenAPI 3.1."""
    return document(app)


@pytest.fixture(scope="module")
def openapi_3_0(described: Json) -> Json:
    """The document in OpenAPI 3.0."""
    return to_openapi_3_0(described)


def test_it_is_valid(described: Json) -> None:
    OpenAPIV31SpecValidator(described).validate()


def test_openapi_3_0_is_valid(openapi_3_0: Json) -> None:
    OpenAPIV30SpecValidator(openapi_3_0).validate()


def test_every_operation_is_fully_described(described: Json) -> None:
    assert gaps(described) == []


CHANGES: dict[str, Callable[[Json], object]] = {
    "no summary": lambda operation: operation.pop("summary"),
    "no description": lambda operation: operation.update(description=" "),
    "parameter depth has no description": lambda operation: operation["parameters"].append({"name": "depth"}),
    "body has no example": lambda operation: operation["requestBody"]["content"]["application/json"].pop("examples"),
    "answer 201 has no example": lambda operation: operation["responses"]["201"]["content"]["application/json"].clear(),
    "answer 201 has no description": lambda operation: operation["responses"]["201"].pop("description"),
    "tag elsewhere: no description": lambda operation: operation.update(tags=["elsewhere"]),
}


@pytest.mark.parametrize("gap", CHANGES)
def test_a_gap_is_found(described: Json, gap: str) -> None:
    changed = deepcopy(described)
    CHANGES[gap](changed["paths"]["/api/v1/inventory/locations"]["post"])
    assert [gap in line for line in gaps(changed)] == [True]


def test_every_example_fits_its_schema(described: Json) -> None:
    positions, schemas, values = zip(*examples(described), strict=True)
    # As one list, so that what they refer to is compiled once.
    together = {"prefixItems": schemas, "components": described["components"]}
    errors = jsonschema_rs.validator_for(together, validate_formats=True).iter_errors(list(values))
    assert [f"{positions[int(error.instance_path[0])]}: {error.message}" for error in errors] == []


def test_every_example_has_a_name_and_a_summary(described: Json, openapi_3_0: Json) -> None:
    for version in (described, openapi_3_0):
        for operation in operations(version):
            for content in [operation.content.get("requestBody", {}), *operation.responses.values()]:
                for media in resolve(content, version).get("content", {}).values():
                    assert "example" not in media, operation.name
                    for name, example in media["examples"].items():
                        assert re.fullmatch(r"[a-z]+[a-z_.0-9]*[a-z]", name), f"{operation.name}: {name}"
                        assert resolve(example, version)["summary"], f"{operation.name}: {name}"


def test_an_example_keeps_what_is_null(described: Json) -> None:
    body = operation_named("PUT /api/v1/cart", described).content["requestBody"]["content"]["application/json"]
    assert body["examples"]["remove_the_chosen_shipping_method"] == {
        "summary": "Remove the chosen shipping method",
        "value": {"shipping_method": None},
    }


def test_every_operation_says_how_it_is_called(described: Json) -> None:
    for operation in operations(described):
        taken = parameters(operation, described)
        assert "X-Tenant" in taken, operation.name
        assert ("If-Match" in taken) == ("412" in operation.responses), operation.name
        assert ("If-None-Match" in taken) == ("304" in operation.responses), operation.name
        assert ("Idempotency-Key" in taken) == ("422" in operation.responses), operation.name
        assert operation.writes or "Idempotency-Key" not in taken, operation.name


@pytest.mark.parametrize(
    ("operation", "takes_key"),
    [
        ("POST /api/v1/orders", True),
        ("POST /api/v1/users", True),
        ("DELETE /api/v1/cart/items/{item_id}", True),
        ("POST /api/v1/auth/login", False),
        ("POST /api/v1/payments/webhook-endpoints", False),
        ("POST /api/v1/payments/webhooks/{gateway}/{endpoint_id}", False),
        ("GET /api/v1/products", False),
    ],
)
def test_writes_take_a_key_unless_their_answers_are_never_stored(
    described: Json, operation: str, *, takes_key: bool
) -> None:
    found = operation_named(operation, described)
    assert ("Idempotency-Key" in parameters(found, described)) is takes_key


@pytest.mark.parametrize(
    ("operation", "security"),
    [
        ("GET /api/v1/products", [{"bearerAuth": []}, {}]),
        ("POST /api/v1/products", [{"bearerAuth": []}]),
        ("POST /api/v1/cart/items", [{"bearerAuth": []}, {"cartToken": []}, {}]),
        ("POST /api/v1/orders", [{"bearerAuth": []}, {"cartToken": []}, {}]),
        ("GET /api/v1/orders", [{"bearerAuth": []}]),
        ("GET /api/v1/orders/{order_id}", [{"bearerAuth": []}, {"orderToken": []}]),
        ("POST /api/v1/orders/{order_id}/payments", [{"bearerAuth": []}, {"orderToken": []}]),
    ],
)
def test_an_operation_declares_its_security(described: Json, operation: str, security: list[Json]) -> None:
    found = operation_named(operation, described)
    assert found.content["security"] == security


def test_every_error_is_a_problem_document(described: Json) -> None:
    for operation in operations(described):
        refusals = {status: answer for status, answer in operation.responses.items() if status >= "400"}
        assert {"400", "401", "429", "500", "503"} <= refusals.keys()
        assert ("requestBody" in operation.content) == ("415" in refusals), operation.name
        for answer in refusals.values():
            assert list(resolve(answer, described)["content"]) == ["application/problem+json"], operation.name
    assert "HTTPValidationError" not in described["components"]["schemas"]


def test_every_answer_carries_the_headers_that_all_answers_have(described: Json) -> None:
    for operation in operations(described):
        for status, reference in operation.responses.items():
            headers = resolve(reference, described)["headers"]
            assert {"API-Version", "X-Request-Id", "RateLimit", "RateLimit-Policy"} <= headers.keys()
            assert ("Retry-After" in headers) == (status in {"429", "503"})
    read = described["paths"]["/api/v1/products/{product}"]["get"]["responses"]
    assert "ETag" in read["200"]["headers"]
    assert "ETag" in read["304"]["headers"]


def test_schema_names_are_valid_class_names(described: Json) -> None:
    assert [name for name in described["components"]["schemas"] if not re.fullmatch(r"[A-Z][A-Za-z0-9]*", name)] == []


def test_the_same_code_gives_the_same_document(described: Json, app: FastAPI) -> None:
    assert document(app) == described


async def test_the_printed_document_is_the_served_one(away: Database, app: FastAPI) -> None:
    assert orjson.loads(openapi_document()) == (await Site.of(away, app).get("/openapi.json")).json()


def test_openapi_3_0_describes_the_same_operations(described: Json, openapi_3_0: Json) -> None:
    assert [operation.name for operation in operations(openapi_3_0)] == [
        operation.name for operation in operations(described)
    ]
    assert openapi_3_0["components"]["schemas"].keys() == described["components"]["schemas"].keys()


async def test_both_versions_are_served_with_an_entity_tag(away: Database, app: FastAPI) -> None:
    site = Site.of(away, app)
    for path, version in (("/openapi.json", "3.1.0"), ("/openapi-3.0.json", "3.0.3")):
        first = await site.get(path)
        assert (first.status_code, first.headers["content-type"]) == (200, "application/json")
        assert first.json()["openapi"] == version
        again = await site.get(path, if_none_match=first.headers["etag"])
        assert (again.status_code, again.content) == (304, b"")


def operation_named(name: str, document: Json) -> Operation:
    return next(operation for operation in operations(document) if operation.name == name)


def parameters(operation: Operation, document: Json) -> set[str]:
    return {resolve(parameter, document)["name"] for parameter in operation.parameters}


def examples(document: Json) -> Iterator[tuple[str, Json, Any]]:
    for operation in operations(document):
        contents = {"body": operation.content.get("requestBody", {}), **operation.responses}
        for place, reference in contents.items():
            for media in resolve(reference, document).get("content", {}).values():
                for example in media["examples"].values():
                    yield f"{operation.name} {place}", media["schema"], resolve(example, document)["value"]
    for name, schema in document["components"]["schemas"].items():
        for example in schema.get("examples", ()):
            yield name, schema, example


def test_every_schema_has_a_title_of_its_own_which_generators_name_a_class_after(described: Json) -> None:
    for version in (described, to_openapi_3_0(described)):
        schemas = version["components"]["schemas"]
        assert {name: schema["title"] for name, schema in schemas.items()} == {name: name for name in schemas}
