"""Every operation with every role: missing permissions are rejected, and objects of others do not exist."""

from itertools import product
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from fastapi import FastAPI

from luxewin.kit.access import everyone
from luxewin.kit.http.routing import Router
from luxewin.pages.openapi.conventions import add_security
from luxewin.pages.openapi.operations import operations as declared_operations
from tests.security.operations import Operation, operations
from tests.security.shops import ROLES, STRANGERS, Shop, Shops

OWNED = {"user_id", "refund_id", "session_id", "order_id", "payment_id", "item_id", "purchase_id"}
"""The parameters that identify objects of one person."""

NAMES_NOTHING = {"gateway", "prize", "number", "limit"}
"""The parameters that select an option of the program, or count within the object of another parameter."""

READS_NO_TOKEN = {"/api/v1/auth/register", "/api/v1/auth/login", "/api/v1/auth/refresh"}
"""Operations that ignore an access token, because the caller is not authenticated yet."""

PRODUCT_FILE = {"file": ("products.csv", b"Handle,Title\n", "text/csv")}
WEBHOOK = "/api/v1/payments/webhooks/{gateway}/{endpoint_id}"
"""A webhook belongs to the tenant of its endpoint, whichever tenant is requested; its signature authenticates it."""

WITH_OBJECTS = [one for one in operations() if set(one.places) - NAMES_NOTHING and one.path != WEBHOOK]
WITH_OWNERS = [one for one in operations() if OWNED & set(one.places)]
EVERY_OPERATION = pytest.mark.parametrize("operation", operations(), ids=str)


async def call_as(
    shops: Shops, shop: Shop, person: str, operation: Operation, values: dict[str, str]
) -> httpx2.Response:
    """Call an operation with its documented example, as a dry run."""
    return await send(shop.people[person], shops.origin, operation, values)


async def send(
    client: httpx2.AsyncClient, origin: str, operation: Operation, values: dict[str, str], **headers: str
) -> httpx2.Response:
    content: dict[str, Any] = {}
    if operation.is_upload:
        content = {"files": PRODUCT_FILE, "data": {"format": "shopify_csv"}}
    elif operation.example is not None:
        content = {"json": operation.example}
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return await client.request(
        operation.method, origin + operation.at(values), headers={"prefer": "dry-run", **named}, **content
    )


def status_and_problem(answer: httpx2.Response) -> tuple[int, dict[str, Any]]:
    """Return the status and body of a response, without the request id."""
    return answer.status_code, {name: value for name, value in answer.json().items() if name != "request_id"}


@EVERY_OPERATION
async def test_an_operation_rejects_exactly_the_roles_that_it_does_not_declare(
    shops: Shops, operation: Operation
) -> None:
    shop = shops.ours
    for role in ROLES:
        answer = await call_as(shops, shop, role, operation, shop.values_for(operation.path))
        problem = answer.json() if answer.status_code >= 400 else {}
        seen = f"{role}: {answer.status_code} {answer.text[:300]}"
        assert answer.status_code < 500, seen
        if role in operation.roles:
            assert problem.get("code") not in {"identity.unauthenticated", "identity.forbidden"}, seen
        elif role == "anonymous":
            assert (answer.status_code, problem["code"]) == (401, "identity.unauthenticated"), seen
            assert answer.headers["www-authenticate"] == "Bearer"
        else:
            assert (answer.status_code, problem["code"]) == (403, "identity.forbidden"), seen


@pytest.mark.parametrize("operation", [one for one in operations() if one.path not in READS_NO_TOKEN], ids=str)
async def test_a_token_is_rejected_in_another_tenant(shops: Shops, operation: Operation) -> None:
    values = shops.theirs.values_for(operation.path)
    for person in ("customer", "vendor", "admin"):
        answer = await send(shops.ours.people[person], shops.origin, operation, values, x_tenant=shops.theirs.slug)
        assert (answer.status_code, answer.json()["code"]) == (403, "tenants.disagreement"), person


@pytest.mark.parametrize("operation", WITH_OBJECTS, ids=str)
async def test_an_object_of_another_tenant_does_not_exist(shops: Shops, operation: Operation) -> None:
    """Each parameter in turn, and all of them together, identify objects of another tenant."""
    ours, theirs = shops.ours.values_for(operation.path), shops.theirs.values_for(operation.path)
    objects = [place for place in operation.places if place not in NAMES_NOTHING]
    for person, foreign in product(ROLES, [*([place] for place in objects), objects]):
        if person == "super_admin" and operation.places == ("tenant_id",):
            continue  # super admins manage all tenants
        there = await call_as(
            shops, shops.theirs, person, operation, {**theirs, **{name: ours[name] for name in foreign}}
        )
        nowhere = {name: str(uuid4()) for name in foreign}
        absent = await call_as(shops, shops.theirs, person, operation, {**theirs, **nowhere})
        assert status_and_problem(there) == status_and_problem(absent), f"{person} names {foreign}"
        expected = 404 if person in operation.roles else (401, 403)[person != "anonymous"]
        assert there.status_code == expected, f"{person} names {foreign}: {there.text}"


@pytest.mark.parametrize("operation", WITH_OWNERS, ids=str)
async def test_an_object_of_another_person_does_not_exist(shops: Shops, operation: Operation) -> None:
    ours = shops.ours.values_for(operation.path)
    owned = OWNED & set(operation.places)
    # The vendor of the shops is a member of the vendor in their paths, whose orders are no stranger's.
    strangers = [person for person in STRANGERS if "vendor_id" not in operation.places or person != "vendor"]
    for person in strangers:
        there = await call_as(shops, shops.ours, person, operation, ours)
        absent = await call_as(shops, shops.ours, person, operation, {**ours, **{name: str(uuid4()) for name in owned}})
        assert status_and_problem(there) == status_and_problem(absent), person
        assert there.status_code in {401, 403, 404}, f"{person}: {there.text}"
        if ("customer" if person == "other_customer" else person) in operation.roles:
            assert there.status_code == 404, f"{person}: {there.text}"


def test_the_shops_have_a_value_for_every_path_parameter(shops: Shops) -> None:
    missing = {
        f"{operation}: {place}"
        for operation in operations()
        for place in operation.places
        if place not in shops.ours.values_for(operation.path)
    }
    assert not missing


def test_a_route_without_a_permission_cannot_be_built() -> None:
    router = Router("undeclared")
    with pytest.raises(AttributeError, match="permission"):

        @router.get("/open-to-all")
        async def without_permission() -> None: ...


def test_every_operation_declares_its_permission() -> None:
    undeclared = [str(one) for one in operations() if not one.declared.get("x-permission")]
    assert not undeclared


def test_a_declared_route_is_documented_with_its_roles() -> None:
    router = Router("open")

    @router.operation("GET", "/open", permission=everyone("open.read"))
    async def read_open() -> None:
        """Read what is open."""

    app = FastAPI()
    app.include_router(router)
    [operation] = declared_operations(app.openapi())
    add_security(operation)
    assert operation.content["x-permission"] == "open.read"
    assert operation.content["x-roles"] == ["admin", "anonymous", "customer", "super_admin", "vendor"]
