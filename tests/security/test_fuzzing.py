"""Generated requests, valid and invalid according to the OpenAPI document, sent with each role."""

import os
import re
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import aclosing
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeAlias
from zlib import crc32

import httpx2
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.core.result import Ok
from schemathesis.pytest.lazy import get_all_tests
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi import checks
from schemathesis.specs.openapi.schemas import OpenApiSchema

from tests.program import Program
from tests.security.operations import document, resolve
from tests.security.raw_http import LONGEST_ANSWER_SECONDS, PROBLEM
from tests.security.shops import PASSWORD, Shop, created_shops

EXAMPLES_AN_OPERATION = 25
VIOLATED_ONE_BY_ONE = 1 if "LUXEWIN_TEST_AT_LENGTH" in os.environ else 6
"""The share of operations whose rules are violated one by one: one in so many. All are violated at random."""
AnyCase: TypeAlias = "schemathesis.Case[Any]"
PEOPLE = ("anonymous", "customer", "super_admin")
_CODE = re.compile(r"`([a-z0-9_]+(?:\.[a-z0-9_]+)+)`")


def without_tenant_header(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document without the tenant header, which is set for each person."""
    copy = deepcopy(dict(document))
    for methods in copy["paths"].values():
        for operation in methods.values():
            declared = operation.get("parameters", ())
            operation["parameters"] = [one for one in declared if one.get("$ref") != "#/components/parameters/Tenant"]
    return copy


def some(operations: BaseSchema, *, one_of: int) -> BaseSchema:
    """Return about one in `one_of` operations, always the same."""
    return operations.include(lambda context: crc32(context.operation.label.encode()) % one_of == 0)


def schema_of(*, violate_every_rule: bool) -> OpenApiSchema:
    """Return the schema for generating examples at random, and optionally one violation of each rule."""
    return schemathesis.openapi.from_dict(
        without_tenant_header(document()),
        config=SchemathesisConfig.from_dict(
            {
                "seed": 20_261_120,
                "phases": {"coverage": {"enabled": violate_every_rule}},
                "generation": {
                    "max-examples": EXAMPLES_AN_OPERATION,
                    "deterministic": True,
                    "with-security-parameters": False,
                },
            }
        ),
    )


def operations_for(person: str) -> BaseSchema:
    """Return the operations for which this person has the least sufficient role."""
    drawn = schema_of(violate_every_rule=False)
    return drawn.include(lambda context: _least(context.operation.definition.raw["x-roles"]) == person)


def _least(roles: Collection[str]) -> str:
    return next((person for person in PEOPLE if person in roles), PEOPLE[-1])


at_random = settings(
    max_examples=EXAMPLES_AN_OPERATION,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
one_by_one = settings(at_random, phases=(Phase.explicit,))


@dataclass(slots=True)
class Person:
    """A person who sends requests, and signs in again after a request that has ended the session."""

    origin: str
    tenant: str
    email: str | None = None
    token: str | None = None
    session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.session.trust_env = False  # otherwise proxies are looked up for each request

    def headers(self) -> dict[str, str]:
        """Return the headers of the person's next request."""
        if self.email is None:
            return {"X-Tenant": self.tenant}
        if self.token is None:
            self.token = self._signed_in()
        return {"X-Tenant": self.tenant, "Authorization": f"Bearer {self.token}"}

    def observe(self, response: schemathesis.Response) -> None:
        """Sign in again before the next request if this response was 401."""
        if response.status_code == 401:
            self.token = None

    def _signed_in(self) -> str:
        login = {"email": self.email, "password": PASSWORD}
        address, headers = f"{self.origin}/api/v1/auth/login", {"x-tenant": self.tenant}
        answer = self.session.post(address, json=login, headers=headers, timeout=LONGEST_ANSWER_SECONDS)
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["access_token"]
        return token


@pytest.fixture(scope="module")
async def shop(program: Program) -> AsyncIterator[Shop]:
    """A separate shop, so that these requests do not affect other tests."""
    async with aclosing(await program.admin()) as admin:
        super_admin = {"authorization": admin.headers["authorization"]}
    async with created_shops(program.url, program.client, super_admin) as shops:
        yield shops.ours


@pytest.fixture(scope="module")
async def people(program: Program, shop: Shop) -> Mapping[str, Person]:
    """One person of each role, whose session may end at any time."""
    administrator = f"administrator-{shop.canary}@example.com"
    account = {"name": "Ada", "email": administrator, "password": PASSWORD, "role": "super_admin"}
    await shop.send("super_admin", "POST", "/users", account)
    emails = {"customer": f"new-{shop.canary}@example.com", "super_admin": administrator}
    return {person: Person(program.url, shop.slug, emails.get(person)) for person in PEOPLE}


def test_responses_to_anonymous_requests_conform_to_the_document(
    people: Mapping[str, Person], shop: Shop, subtests: pytest.Subtests
) -> None:
    send_examples(operations_for("anonymous"), at_random, people["anonymous"], shop, subtests)


def test_responses_to_a_customer_conform_to_the_document(
    people: Mapping[str, Person], shop: Shop, subtests: pytest.Subtests
) -> None:
    send_examples(operations_for("customer"), at_random, people["customer"], shop, subtests)


def test_responses_to_staff_conform_to_the_document(
    people: Mapping[str, Person], shop: Shop, subtests: pytest.Subtests
) -> None:
    send_examples(operations_for("super_admin"), at_random, people["super_admin"], shop, subtests)


def test_responses_to_violations_of_each_rule_conform_to_the_document(
    people: Mapping[str, Person], shop: Shop, subtests: pytest.Subtests
) -> None:
    operations = some(schema_of(violate_every_rule=True), one_of=VIOLATED_ONE_BY_ONE)
    send_examples(operations, one_by_one, people["super_admin"], shop, subtests)


def send_examples(operations: BaseSchema, how: settings, person: Person, shop: Shop, subtests: pytest.Subtests) -> None:
    """Generate the examples of each operation and send them as a person.

    They are not generated at collection, because every process of a run would spend many seconds on it.
    """

    def send_example(case: AnyCase) -> None:
        # Whether authentication is required does not depend on the violated rule.
        also = [checks.ignored_auth] if how is at_random and not is_open(case.method, case.path) else []
        assert_conforming(case, person, shop, also)

    for made in get_all_tests(schema=operations, test_func=send_example, settings=how, given_kwargs=None):
        assert isinstance(made, Ok), made
        operation, send_all = made.ok()
        with subtests.test(operation.label):
            send_all()


def assert_conforming(case: AnyCase, person: Person, shop: Shop, also: Sequence[CheckFunction]) -> None:
    """Send an example and check the response.

    A valid example uses existing path parameters and is a dry run.

    Four checks of Schemathesis are omitted. Valid examples may be rejected, because a generated cursor is never valid.
    `Allow` may name the methods of two templates that match the same URL. The two checks that use results of other
    operations do not apply, because every example is independent.
    """
    headers = person.headers()
    if case.path_parameters and case.meta is not None and case.meta.generation.mode.is_positive:
        known = shop.values_for(case.path)
        case.path_parameters = {name: known[name] for name in case.path_parameters}
        headers["Prefer"] = "dry-run"
    response = case.call_and_validate(
        base_url=person.origin,
        headers=headers,
        session=person.session,
        timeout=LONGEST_ANSWER_SECONDS,
        checks=[
            not_a_server_error,
            checks.status_code_conformance,
            checks.content_type_conformance,
            checks.response_headers_conformance,
            checks.response_schema_conformance,
            checks.negative_data_rejection,
            checks.missing_required_header,
            unsupported_method_is_rejected,
            checks.object_level_authorization,
            error_is_declared,
            *also,
        ],
    )
    person.observe(response)


def error_is_declared(_: schemathesis.CheckContext, response: schemathesis.Response, case: AnyCase) -> bool | None:
    """Check that an error is a problem document with a code that the operation declares for its status."""
    if response.status_code < 400:
        return None
    assert response.headers["content-type"] == [PROBLEM], response.headers["content-type"]
    problem = response.json()
    assert problem["status"] == response.status_code
    if case.method.lower() not in document()["paths"][case.path]:
        assert is_served_elsewhere(case) or response.status_code in {401, 404, 405}, response.status_code
        return None
    declared = declared_codes(case.method, case.path)
    assert problem["code"] in declared.get(response.status_code, ()), (
        f"{response.status_code} {problem['code']} is not declared: {sorted(declared.get(response.status_code, ()))}"
    )
    return None


def unsupported_method_is_rejected(
    context: schemathesis.CheckContext, response: schemathesis.Response, case: AnyCase
) -> bool | None:
    """Check that an unsupported method is rejected."""
    return None if is_served_elsewhere(case) else checks.unsupported_method(context, response, case)


def is_served_elsewhere(case: AnyCase) -> bool:
    """Return whether the URL matches a second template that serves the method: GET /inventory/{variant_id} matches
    /inventory/transfers, which supports only POST."""
    address = case.formatted_path
    return any(
        case.method.lower() in methods and path != case.path and _fits(path, address)
        for path, methods in document()["paths"].items()
    )


def _fits(path: str, address: str) -> bool:
    return re.fullmatch(re.sub(r"\\\{[^}]+\\\}", "[^/]+", re.escape(path)), address) is not None


def is_open(method: str, path: str) -> bool:
    """Return whether the operation needs no account; objects of others return 404 or need their own token."""
    operation = document()["paths"][path].get(method.lower())
    return operation is None or "anonymous" in operation["x-roles"]


@cache
def declared_codes(method: str, path: str) -> dict[int, frozenset[str]]:
    """Return the codes that an operation declares, by status."""
    answers = document()["paths"][path][method.lower()]["responses"]
    by_status = {int(status): resolve(answer)["description"] for status, answer in answers.items()}
    return {status: frozenset(_CODE.findall(description)) for status, description in by_status.items()}


def test_the_program_serves_the_committed_document(program: Program) -> None:
    assert httpx2.get(f"{program.url}/openapi.json").json() == document()
