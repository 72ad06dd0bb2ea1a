"""Shipping methods over HTTP, and their quotes."""

from typing import Any

import httpx2
import pytest

from luxewin.kit.access import ANONYMOUS, SYSTEM, Principal
from luxewin.kit.database import Database
from luxewin.kit.ids import new_id
from luxewin.kit.money import Money
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction
from luxewin.modules.identity.public import Role
from luxewin.modules.shipping import public as shipping
from luxewin.modules.shipping.public import Quote, ShippableLine, ShippingMethodUnknown
from luxewin.modules.shipping.routes import router
from tests.web import Web

EXPRESS = {"code": "express", "name": "Express", "amount": {"amount": 2500, "currency": "USD"}}
CHAIR = ShippableLine(requires_shipping=True, quantity=1, weight_grams=12_000)


@pytest.fixture
def web(database: Database) -> Web:
    return Web(database, (router,))


@pytest.fixture
def staff(web: Web, tenant: Tenancy, admin: Principal) -> httpx2.AsyncClient:
    return web.client(tenant, admin)


async def open_shop(database: Database, tenant: Tenancy) -> None:
    async def effect(tx: Transaction) -> None:
        tx.write(shipping.create_default(tx, tenant.currency))

    await database.run(tenant, SYSTEM, effect)


async def quote(database: Database, tenant: Tenancy, *, method: str | None, country: str) -> Quote:
    return await database.run(
        tenant,
        SYSTEM,
        lambda tx: shipping.quote(tx, method=method, country=country, goods=[CHAIR], currency="USD"),
    )


async def test_a_new_shop_sends_everywhere_at_one_flat_rate(database: Database, tenant: Tenancy) -> None:
    await open_shop(database, tenant)
    assert await quote(database, tenant, method=None, country="NZ") == Quote(
        "standard", "Standard shipping", Money(990, "USD")
    )


async def test_a_method_that_staff_offer_can_be_chosen_by_everybody(
    database: Database, tenant: Tenancy, web: Web, staff: httpx2.AsyncClient
) -> None:
    added = await staff.post("/shipping-methods", json={**EXPRESS, "countries": ["US", "CA", "US"]})
    assert (added.status_code, added.json()["countries"], added.headers["etag"]) == (201, ["CA", "US"], '"1"')
    assert (await quote(database, tenant, method="express", country="CA")).amount == Money(2_500, "USD")
    seen = await web.client(tenant).get("/shipping-methods?country=CA")
    assert [method["code"] for method in seen.json()["data"]] == ["express"]
    unseen = await web.client(tenant).get("/shipping-methods?country=DE")
    assert unseen.json() == {"data": [], "next_cursor": None}


async def test_methods_are_listed_page_by_page_the_cheapest_first(
    database: Database, tenant: Tenancy, staff: httpx2.AsyncClient
) -> None:
    await open_shop(database, tenant)
    for code, minor in (("slow", 100), ("express", 2500), ("drone", 990)):
        await staff.post(
            "/shipping-methods", json={**EXPRESS, "code": code, "amount": {"amount": minor, "currency": "USD"}}
        )
    first = (await staff.get("/shipping-methods?limit=2")).json()
    rest = (await staff.get(f"/shipping-methods?limit=2&cursor={first['next_cursor']}")).json()
    codes = [method["code"] for page in (first, rest) for method in page["data"]]
    assert (codes, rest["next_cursor"]) == (["slow", "drone", "standard", "express"], None)


async def test_an_inactive_method_is_listed_for_staff_alone(
    database: Database, tenant: Tenancy, web: Web, staff: httpx2.AsyncClient
) -> None:
    await staff.post("/shipping-methods", json={**EXPRESS, "active": False})
    seen = [(await client.get("/shipping-methods")).json()["data"] for client in (staff, web.client(tenant))]
    assert [len(methods) for methods in seen] == [1, 0]
    with pytest.raises(ShippingMethodUnknown):
        await quote(database, tenant, method="express", country="US")


async def test_a_patch_changes_the_fields_that_it_contains_and_no_others(staff: httpx2.AsyncClient) -> None:
    method = (await staff.post("/shipping-methods", json={**EXPRESS, "countries": ["US"]})).json()
    changed = await staff.patch(f"/shipping-methods/{method['id']}", json={"name": "Overnight"})
    assert changed.json() == {**method, "name": "Overnight", "version": 2}
    everywhere = await staff.patch(f"/shipping-methods/{method['id']}", json={"countries": None})
    assert (everywhere.json()["countries"], everywhere.headers["etag"]) == (None, '"3"')


async def test_a_change_of_an_older_version_is_refused(staff: httpx2.AsyncClient) -> None:
    method = (await staff.post("/shipping-methods", json=EXPRESS)).json()
    url = f"/shipping-methods/{method['id']}"
    first = await staff.patch(url, json={"name": "One"}, headers={"if-match": '"1"'})
    second = await staff.patch(url, json={"name": "Two"}, headers={"if-match": '"1"'})
    third = await staff.delete(url, headers={"if-match": '"1"'})
    assert [answer.status_code for answer in (first, second, third)] == [200, 412, 412]


async def test_a_removed_method_is_gone(staff: httpx2.AsyncClient) -> None:
    method = (await staff.post("/shipping-methods", json=EXPRESS)).json()
    url = f"/shipping-methods/{method['id']}"
    answers = [await staff.delete(url), await staff.delete(url), await staff.patch(url, json={"active": False})]
    assert [answer.status_code for answer in answers] == [204, 404, 404]


async def test_two_methods_never_share_a_code(staff: httpx2.AsyncClient) -> None:
    answers = [await staff.post("/shipping-methods", json=EXPRESS) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 409]
    assert answers[1].json()["code"] == "shipping.method_exists"


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "none"},
        {"code": "Ex press"},
        {"countries": []},
        {"countries": ["usa"]},
        {"amount": {"amount": -1, "currency": "USD"}},
        {"amount": {"amount": 9.9, "currency": "USD"}},
        {"amount": {"amount": 990, "currency": "EUR"}},
        {"amount": {"amount": 10**12 + 1, "currency": "USD"}},
        {"name": ""},
        {"version": 7},
    ],
)
async def test_an_invalid_method_is_refused(staff: httpx2.AsyncClient, wrong: dict[str, Any]) -> None:
    answer = await staff.post("/shipping-methods", json={**EXPRESS, **wrong})
    assert answer.status_code == 400


@pytest.mark.parametrize("wrong", [{"name": None}, {"amount": None}, {"active": None}, {"code": "other"}])
async def test_an_invalid_patch_is_refused(staff: httpx2.AsyncClient, wrong: dict[str, Any]) -> None:
    method = (await staff.post("/shipping-methods", json=EXPRESS)).json()
    answer = await staff.patch(f"/shipping-methods/{method['id']}", json=wrong)
    assert answer.status_code == 400


async def test_every_change_of_a_method_leaves_an_audit_row(
    database: Database, tenant: Tenancy, staff: httpx2.AsyncClient
) -> None:
    method = (await staff.post("/shipping-methods", json=EXPRESS)).json()
    await staff.patch(f"/shipping-methods/{method['id']}", json={"active": False})
    await staff.delete(f"/shipping-methods/{method['id']}")
    rows = await database.run(
        tenant,
        SYSTEM,
        lambda tx: tx.fetch(
            "SELECT action FROM kit_audit WHERE tenant_id = $1 AND target = $2 ORDER BY at", tenant.id, method["id"]
        ),
    )
    assert [row["action"] for row in rows] == [
        "shipping.method_added",
        "shipping.method_changed",
        "shipping.method_removed",
    ]


@pytest.mark.parametrize("role", [Role.ANONYMOUS, Role.CUSTOMER, Role.VENDOR])
async def test_only_staff_decide_how_orders_are_sent(
    web: Web, tenant: Tenancy, staff: httpx2.AsyncClient, role: Role
) -> None:
    method = (await staff.post("/shipping-methods", json=EXPRESS)).json()
    caller = ANONYMOUS if role is Role.ANONYMOUS else Principal(role, user_id=new_id(), tenant_id=tenant.id)
    client = web.client(tenant, caller)
    answers = [
        await client.post("/shipping-methods", json=EXPRESS),
        await client.patch(f"/shipping-methods/{method['id']}", json={"active": False}),
        await client.delete(f"/shipping-methods/{method['id']}"),
    ]
    assert {answer.status_code for answer in answers} == {401 if role is Role.ANONYMOUS else 403}


async def test_another_tenants_method_is_not_found(
    tenant: Tenancy, other_tenant: Tenancy, web: Web, staff: httpx2.AsyncClient
) -> None:
    their_staff = Principal(Role.ADMIN, user_id=new_id(), tenant_id=other_tenant.id)
    theirs = web.client(other_tenant, their_staff)
    method = (await theirs.post("/shipping-methods", json=EXPRESS)).json()
    answers = [await staff.delete(f"/shipping-methods/{id}") for id in (method["id"], new_id())]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    assert (await web.client(tenant).get("/shipping-methods")).json()["data"] == []
