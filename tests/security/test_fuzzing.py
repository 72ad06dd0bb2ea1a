"""The program meets what its own document allows, and what it forbids, as everybody who may come."""

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
from tests.security.operations import document, resolved
from tests.security.wire import LONGEST_ANSWER_SECONDS, PROBLEM
from tests.security.world import PASSWORD, Shop, world_of

EXAMPLES_AN_OPERATION = 25
BROKEN_ONE_BY_ONE = 1 if "LUXEWIN_TEST_AT_LENGTH" in os.environ else 6
"""Of about so many operations one has its rules broken one by one; those of all are broken at random."""
AnyCase: TypeAlias = "schemathesis.Case[Any]"
PEOPLE = ("anonymous", "customer", "super_admin")
_CODE = re.compile(r"`([a-z0-9_]+(?:\.[a-z0-9_]+)+)`")


def without_who_and_where(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document without the header that names the tenant: it is the person's, not the examples'."""
    told = deepcopy(dict(document))
    for methods in told["paths"].values():
        for operation in methods.values():
            declared = operation.get("parameters", ())
            operation["parameters"] = [one for one in declared if one.get("$ref") != "#/components/parameters/Tenant"]
    return told


def some(operations: BaseSchema, *, one_of: int) -> BaseSchema:
    """Return about one of so many operations, always the same."""
    return operations.include(lambda context: crc32(context.operation.label.encode()) % one_of == 0)


def held_to(*, every_rule_broken: bool) -> OpenApiSchema:
    """Return the document as a source of examples: drawn at random, or besides one for each rule that may be broken."""
    return schemathesis.openapi.from_dict(
        without_who_and_where(document()),
        config=SchemathesisConfig.from_dict(
            {
                "seed": 20_261_120,
                "phases": {"coverage": {"enabled": every_rule_broken}},
                "generation": {
                    "max-examples": EXAMPLES_AN_OPERATION,
                    "deterministic": True,
                    "with-security-parameters": False,
                },
            }
        ),
    )


def meant_for(person: str) -> BaseSchema:
    """Return the operations that nobody with fewer rights may use; that, the matrix of rights shows."""
    drawn = held_to(every_rule_broken=False)
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
    """Somebody who comes to the shop, and signs in again when what they sent has ended their session."""

    origin: str
    tenant: str
    email: str | None = None
    token: str | None = None
    session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.session.trust_env = False  # the environment's proxies are asked for anew with each request

    def headers(self) -> dict[str, str]:
        """Return the headers of the person's next request."""
        if self.email is None:
            return {"X-Tenant": self.tenant}
        if self.token is None:
            self.token = self._signed_in()
        return {"X-Tenant": self.tenant, "Authorization": f"Bearer {self.token}"}

    def saw(self, response: schemathesis.Response) -> None:
        """Learn from an answer whether to sign in again."""
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
    """A shop of its own, so that nothing that is done in it reaches the other suites."""
    async with aclosing(await program.admin()) as admin:
        super_admin = {"authorization": admin.headers["authorization"]}
    async with world_of(program.url, program.client, super_admin) as world:
        yield world.ours


@pytest.fixture(scope="module")
async def people(program: Program, shop: Shop) -> Mapping[str, Person]:
    """Everybody, each with an account that may be logged out at any time."""
    administrator = f"administrator-{shop.canary}@example.com"
    account = {"name": "Ada", "email": administrator, "password": PASSWORD, "role": "super_admin"}
    await shop.send("super_admin", "POST", "/users", account)
    emails = {"customer": f"new-{shop.canary}@example.com", "super_admin": administrator}
    return {person: Person(program.url, shop.slug, emails.get(person)) for person in PEOPLE}


def test_a_stranger_is_answered_as_the_document_declares(
    people: Mapping[str, Person], shop: Shop, subtests: pytest.Subtests
) -> None:
    meet(meant_for("anonymous"), at_random, people["anonymous"], shop, subtests)


def test_a_customer_is_answered_as_the_document_declares(
    people: Mapping[str, Person], shop: Shop, subtests: pytest.Subtests
) -> None:
    meet(meant_for("customer"), at_random, people["customer"], shop, subtests)


def test_staff_is_answered_as_the_document_declares(
    people: Mapping[str, Person], shop: Shop, subtests: pytest.Subtests
) -> None:
    meet(meant_for("super_admin"), at_random, people["super_admin"], shop, subtests)


def test_whatever_rule_is_broken_the_answer_is_as_the_document_declares(
    people: Mapping[str, Person], shop: Shop, subtests: pytest.Subtests
) -> None:
    operations = some(held_to(every_rule_broken=True), one_of=BROKEN_ONE_BY_ONE)
    meet(operations, one_by_one, people["super_admin"], shop, subtests)


def meet(operations: BaseSchema, how: settings, someone: Person, shop: Shop, subtests: pytest.Subtests) -> None:
    """Draw the examples of each operation and let somebody come with them.

    They are made here and not where tests are collected, which every process of a run does: it takes many seconds.
    """

    def come_with(case: AnyCase) -> None:
        # Whether an account is asked for does not depend on the rule that is broken.
        also = [checks.ignored_auth] if how is at_random and not is_open(case.method, case.path) else []
        must_be_answered_as_declared(case, someone, shop, also)

    for made in get_all_tests(schema=operations, test_func=come_with, settings=how, given_kwargs=None):
        assert isinstance(made, Ok), made
        operation, come_with_all = made.ok()
        with subtests.test(operation.label):
            come_with_all()


def must_be_answered_as_declared(case: AnyCase, someone: Person, shop: Shop, also: Sequence[CheckFunction]) -> None:
    """Send an example and check the answer.

    What an example names is there wherever the example is a good one; its change is shown and rolled back.

    Four of Schemathesis' checks are left out. That good examples are accepted: no cursor that is made up can be right.
    That `Allow` names one template's methods: an address may fit two. And two that follow what other operations have
    made or deleted: here every example stands alone.
    """
    headers = someone.headers()
    if case.path_parameters and case.meta is not None and case.meta.generation.mode.is_positive:
        known = shop.values_for(case.path)
        case.path_parameters = {name: known[name] for name in case.path_parameters}
        headers["Prefer"] = "dry-run"
    response = case.call_and_validate(
        base_url=someone.origin,
        headers=headers,
        session=someone.session,
        timeout=LONGEST_ANSWER_SECONDS,
        checks=[
            not_a_server_error,
            checks.status_code_conformance,
            checks.content_type_conformance,
            checks.response_headers_conformance,
            checks.response_schema_conformance,
            checks.negative_data_rejection,
            checks.missing_required_header,
            other_methods_are_refused,
            checks.object_level_authorization,
            refusals_are_declared,
            *also,
        ],
    )
    someone.saw(response)


def refusals_are_declared(_: schemathesis.CheckContext, response: schemathesis.Response, case: AnyCase) -> bool | None:
    """Check that a refusal is a problem document with a code that the operation declares for its status."""
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


def other_methods_are_refused(
    context: schemathesis.CheckContext, response: schemathesis.Response, case: AnyCase
) -> bool | None:
    """Check that a method which the address does not serve is told so."""
    return None if is_served_elsewhere(case) else checks.unsupported_method(context, response, case)


def is_served_elsewhere(case: AnyCase) -> bool:
    """Tell whether the address fits a second template that serves the method: GET /inventory/{variant_id} fits
    /inventory/transfers, where only POST is meant."""
    address = case.formatted_path
    return any(
        case.method.lower() in methods and path != case.path and _fits(path, address)
        for path, methods in document()["paths"].items()
    )


def _fits(path: str, address: str) -> bool:
    return re.fullmatch(re.sub(r"\\\{[^}]+\\\}", "[^/]+", re.escape(path)), address) is not None


def is_open(method: str, path: str) -> bool:
    """Tell whether no account is needed; what is somebody's is hidden with 404, or opened by a token of its own."""
    operation = document()["paths"][path].get(method.lower())
    return operation is None or "anonymous" in operation["x-roles"]


@cache
def declared_codes(method: str, path: str) -> dict[int, frozenset[str]]:
    """Return the codes that an operation declares, by status."""
    answers = document()["paths"][path][method.lower()]["responses"]
    told = {int(status): resolved(answer)["description"] for status, answer in answers.items()}
    return {status: frozenset(_CODE.findall(description)) for status, description in told.items()}


def test_the_program_serves_the_document_that_it_is_held_to(program: Program) -> None:
    assert httpx2.get(f"{program.url}/openapi.json").json() == document()
