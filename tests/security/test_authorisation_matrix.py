"""Every operation meets everybody: who has no right is told so, and what is not theirs is not there."""

from itertools import product
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from fastapi import FastAPI

from luxewin.kit.access import everyone
from luxewin.kit.http.routing import Router
from tests.security.operations import Operation, operations
from tests.security.world import ROLES, STRANGERS, Shop, World

OWNED = {"user_id", "refund_id", "session_id", "order_id", "payment_id", "item_id", "purchase_id"}
"""The parameters that name things of one person."""

NAMES_NOTHING = {"gateway", "prize", "number"}
"""The parameters that choose among what the program offers, or count within what another names."""

READS_NO_TOKEN = {"/api/v1/auth/register", "/api/v1/auth/login", "/api/v1/auth/refresh"}
"""Where an expired token must not stand in the way: whoever comes in there is nobody yet."""

PRODUCT_FILE = {"file": ("products.csv", b"Handle,Title\n", "text/csv")}
SAYS_WHOSE_IT_IS = "/api/v1/payments/webhooks/{gateway}/{endpoint_id}"
"""A gateway's webhook belongs to its endpoint's tenant, wherever it comes in; the endpoint's secret is the proof."""

WITH_OBJECTS = [one for one in operations() if set(one.places) - NAMES_NOTHING and one.path != SAYS_WHOSE_IT_IS]
WITH_OWNERS = [one for one in operations() if OWNED & set(one.places)]
EVERY_OPERATION = pytest.mark.parametrize("operation", operations(), ids=str)


async def context(
    world: World, shop: Shop, person: str, operation: Operation, values: dict[str, str]
) -> httpx2.Response:
    """Call an operation as documented; whatever it writes is rolled back."""
    return await send(shop.people[person], world.origin, operation, values)


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


def told(answer: httpx2.Response) -> tuple[int, dict[str, Any]]:
    """Return what an answer says, without the name of its request."""
    return answer.status_code, {name: value for name, value in answer.json().items() if name != "request_id"}


@EVERY_OPERATION
async def test_a_role_is_refused_exactly_where_it_is_not_declared(world: World, operation: Operation) -> None:
    shop = world.ours
    for role in ROLES:
        answer = await context(world, shop, role, operation, shop.values_for(operation.path))
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
async def test_a_token_opens_no_other_tenant(world: World, operation: Operation) -> None:
    values = world.theirs.values_for(operation.path)
    for person in ("customer", "vendor", "admin"):
        answer = await send(world.ours.people[person], world.origin, operation, values, x_tenant=world.theirs.slug)
        assert (answer.status_code, answer.json()["code"]) == (403, "tenants.disagreement"), person


@pytest.mark.parametrize("operation", WITH_OBJECTS, ids=str)
async def test_what_is_another_tenants_is_not_there(world: World, operation: Operation) -> None:
    """Each parameter in turn, and all of them together, name another tenant's things."""
    ours, theirs = world.ours.values_for(operation.path), world.theirs.values_for(operation.path)
    objects = [place for place in operation.places if place not in NAMES_NOTHING]
    for person, foreign in product(ROLES, [*([place] for place in objects), objects]):
        if person == "super_admin" and operation.places == ("tenant_id",):
            continue  # the registry of the installation is theirs
        there = await context(
            world, world.theirs, person, operation, {**theirs, **{name: ours[name] for name in foreign}}
        )
        nowhere = {name: str(uuid4()) for name in foreign}
        absent = await context(world, world.theirs, person, operation, {**theirs, **nowhere})
        assert told(there) == told(absent), f"{person} names {foreign}"
        expected = 404 if person in operation.roles else (401, 403)[person != "anonymous"]
        assert there.status_code == expected, f"{person} names {foreign}: {there.text}"


@pytest.mark.parametrize("operation", WITH_OWNERS, ids=str)
async def test_what_is_another_persons_is_not_there(world: World, operation: Operation) -> None:
    ours = world.ours.values_for(operation.path)
    owned = OWNED & set(operation.places)
    for person in STRANGERS:
        there = await context(world, world.ours, person, operation, ours)
        absent = await context(world, world.ours, person, operation, {**ours, **{name: str(uuid4()) for name in owned}})
        assert told(there) == told(absent), person
        assert there.status_code in {401, 403, 404}, f"{person}: {there.text}"
        if ("customer" if person == "other_customer" else person) in operation.roles:
            assert there.status_code == 404, f"{person}: {there.text}"


def test_the_world_has_one_of_everything_that_a_path_can_name(world: World) -> None:
    missing = {
        f"{operation}: {place}"
        for operation in operations()
        for place in operation.places
        if place not in world.ours.values_for(operation.path)
    }
    assert not missing


def test_a_route_without_a_permission_cannot_be_built() -> None:
    router = Router("forgetful")
    with pytest.raises(AttributeError, match="permission"):

        @router.get("/open-to-all")
        async def forgotten() -> None: ...


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
    declared = app.openapi()["paths"]["/open"]["get"]
    assert declared["x-permission"] == "open.read"
    assert declared["x-roles"] == ["admin", "anonymous", "customer", "super_admin", "vendor"]
