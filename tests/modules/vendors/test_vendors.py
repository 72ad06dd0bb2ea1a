"""Vendors and their members."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import pytest

from luxewin.kit.access import ANONYMOUS, SYSTEM
from luxewin.kit.ids import new_id
from luxewin.modules.identity.public import Role
from luxewin.modules.vendors import public as vendors
from luxewin.modules.vendors.domain import name_key, slugs_for
from tests.modules.catalog.shop import Shop


async def _ensure(shop: Shop, names: Sequence[str]) -> dict[str, UUID]:
    return await shop.database.run(shop.tenant, SYSTEM, lambda tx: vendors.ensure(tx, names))


async def test_everybody_can_read_a_new_vendor(shop: Shop) -> None:
    added = await shop.staff.post("/vendors", json={"name": "Nordlys Interiors"})
    vendor = added.json()
    assert (added.status_code, added.headers["etag"]) == (201, '"1"')
    assert (vendor["slug"], vendor["status"], vendor["version"]) == ("nordlys-interiors", "active", 1)
    visitor = shop.client(ANONYMOUS)
    assert (await visitor.get(f"/vendors/{vendor['id']}")).json() == vendor
    assert (await visitor.get("/vendors")).json() == {"data": [vendor], "next_cursor": None}


async def test_vendors_are_listed_by_name_each_once_page_by_page(shop: Shop) -> None:
    for name in ("delta", "Alpha", "charlie", "Bravo", "echo"):
        await shop.staff.post("/vendors", json={"name": name})
    seen, cursor = [], None
    while True:
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await shop.customer.get("/vendors", params=query)).json()
        seen += [vendor["name"] for vendor in page["data"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == ["Alpha", "Bravo", "charlie", "delta", "echo"]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"limt": "2"}, "limt"),
        ({"limit": "0"}, "limit"),
        ({"limit": "101"}, "limit"),
        ({"cursor": "x" * 1001}, "cursor"),
    ],
)
async def test_a_list_refuses_unknown_and_invalid_parameters(shop: Shop, query: dict[str, str], pointer: str) -> None:
    refused = await shop.customer.get("/vendors", params=query)
    assert (refused.status_code, refused.json()["code"]) == (400, "request.invalid")
    assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]


async def test_a_cursor_is_valid_for_the_list_it_was_made_for_only(shop: Shop) -> None:
    for name in ("Alpha", "Bravo"):
        await shop.staff.post("/vendors", json={"name": name})
    cursor = (await shop.staff.get("/vendors", params={"limit": "1"})).json()["next_cursor"]
    for given in (cursor, f"A{cursor}", "x"):
        refused = await shop.customer.get("/vendors", params={"cursor": given})
        assert (refused.status_code, refused.json()["code"]) == (400, "request.invalid_cursor")


@pytest.mark.parametrize("body", [{"name": "ACME  Ltd"}, {"name": "Other", "slug": "acme-ltd"}])
async def test_a_name_or_slug_of_another_vendor_is_refused(shop: Shop, body: dict[str, str]) -> None:
    await shop.staff.post("/vendors", json={"name": "Acme Ltd"})
    refused = await shop.staff.post("/vendors", json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "vendors.exists")


async def test_different_names_with_the_same_slug_are_different_vendors(shop: Shop) -> None:
    slugs = [(await shop.staff.post("/vendors", json={"name": name})).json()["slug"] for name in ("A B", "A&B", "A+B")]
    assert slugs == ["a-b", "a-b-2", "a-b-3"]


async def test_only_staff_can_read_a_suspended_vendor(shop: Shop) -> None:
    vendor = (await shop.staff.post("/vendors", json={"name": "Acme"})).json()
    async with shop.database.begin(shop.tenant, SYSTEM) as tx:
        await tx.connection.execute("UPDATE vendors_vendors SET status = 'suspended'")
    assert (await shop.customer.get("/vendors")).json()["data"] == []
    assert (await shop.customer.get(f"/vendors/{vendor['id']}")).status_code == 404
    assert (await shop.staff.get(f"/vendors/{vendor['id']}")).json()["status"] == "suspended"


async def test_ensure_returns_a_vendor_for_every_name_and_adds_only_new_ones(shop: Shop) -> None:
    first = await _ensure(shop, ["Acme", "ACME ", "Nordlys"])
    assert first["Acme"] == first["ACME "] != first["Nordlys"]
    traces = await shop.traces()
    assert await _ensure(shop, ["acme", "Nordlys"]) == {"acme": first["Acme"], "Nordlys": first["Nordlys"]}
    assert await shop.traces() == traces
    rows = await shop.rows("SELECT name FROM vendors_v_vendors ORDER BY name")
    assert [row["name"] for row in rows] == ["Acme", "Nordlys"]


async def test_concurrent_requests_add_a_vendor_once(shop: Shop) -> None:
    found = await asyncio.gather(*(_ensure(shop, ["Acme", f"Own {number}"]) for number in range(3)))
    assert len({ids["Acme"] for ids in found}) == 1


async def test_a_member_is_an_account_of_the_vendor(shop: Shop) -> None:
    vendor_id, _ = await shop.vendor("Acme")
    person = await shop.account(Role.CUSTOMER)
    path = f"/vendors/{vendor_id}/members"
    joined = await shop.staff.post(path, json={"user_id": str(person.user_id)})
    assert joined.status_code == 201
    again = await shop.staff.post(path, json={"user_id": str(person.user_id)})
    assert again.json() == joined.json()
    members = (await shop.staff.get(path)).json()["data"]
    assert members[-1] == joined.json()
    assert len(members) == 2
    async with shop.database.begin(shop.tenant, SYSTEM) as tx:
        assert person.user_id is not None
        assert await vendors.vendor_of(tx, person.user_id) == vendor_id
        assert await vendors.vendor_of(tx, new_id()) is None


async def test_an_account_is_a_member_of_one_vendor_at_most(shop: Shop) -> None:
    acme, _ = await shop.vendor("Acme")
    nordlys, _ = await shop.vendor("Nordlys")
    person = {"user_id": str((await shop.account(Role.VENDOR)).user_id)}
    answers = await asyncio.gather(
        *(shop.staff.post(f"/vendors/{vendor_id}/members", json=person) for vendor_id in (acme, nordlys))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409]


async def test_a_removed_member_is_not_listed(shop: Shop) -> None:
    vendor_id, _ = await shop.vendor("Acme")
    path = f"/vendors/{vendor_id}/members"
    [member] = (await shop.staff.get(path)).json()["data"]
    assert (await shop.staff.delete(f"{path}/{member['user_id']}")).status_code == 204
    assert (await shop.staff.get(path)).json()["data"] == []
    assert (await shop.staff.delete(f"{path}/{member['user_id']}")).status_code == 404


async def test_only_accounts_of_the_tenant_become_members(shop: Shop, other_shop: Shop) -> None:
    vendor_id, _ = await shop.vendor("Acme")
    stranger = await other_shop.account(Role.CUSTOMER)
    for user_id in (stranger.user_id, new_id()):
        refused = await shop.staff.post(f"/vendors/{vendor_id}/members", json={"user_id": str(user_id)})
        assert (refused.status_code, refused.json()["code"]) == (400, "vendors.user_unknown")


async def test_only_staff_manage_vendors_and_list_members(shop: Shop) -> None:
    vendor_id, vendor = await shop.vendor("Acme")
    for client in (shop.customer, vendor):
        for refused in (
            await client.post("/vendors", json={"name": "Mine"}),
            await client.get(f"/vendors/{vendor_id}/members"),
            await client.post(f"/vendors/{vendor_id}/members", json={"user_id": str(new_id())}),
            await client.delete(f"/vendors/{vendor_id}/members/{new_id()}"),
        ):
            assert refused.status_code == 403


async def test_another_tenants_vendor_does_not_exist(shop: Shop, other_shop: Shop) -> None:
    theirs, _ = await other_shop.vendor("Acme")
    for refused in (
        await shop.staff.get(f"/vendors/{theirs}"),
        await shop.staff.get(f"/vendors/{theirs}/members"),
        await shop.staff.post(f"/vendors/{theirs}/members", json={"user_id": str(new_id())}),
    ):
        assert (refused.status_code, refused.json()["code"]) == (404, "request.not_found")
    assert (await shop.staff.post("/vendors", json={"name": "Acme"})).status_code == 201


def test_equivalent_names_have_one_key() -> None:
    assert name_key(" Straße\t1 ") == name_key("STRASSE 1")


def test_a_name_without_letters_has_a_slug_from_the_id() -> None:
    vendor_id = new_id()
    assert slugs_for("☕ ✨", vendor_id=vendor_id)[0] == f"vendor-{vendor_id.hex[-12:]}"


async def test_staff_change_a_vendors_name_and_status(shop: Shop) -> None:
    vendor = (await shop.staff.post("/vendors", json={"name": "Nordlys"})).json()
    path = f"/vendors/{vendor['id']}"
    renamed = await shop.staff.patch(path, json={"name": "Nordlys Home"}, headers={"If-Match": '"1"'})
    assert renamed.status_code == 200
    assert renamed.json() == {**vendor, "name": "Nordlys Home", "version": 2}
    assert (await shop.customer.get(path)).json() == renamed.json()
    assert (await shop.staff.patch(path, json={"name": "x"}, headers={"If-Match": '"1"'})).status_code == 412
    assert (await shop.staff.patch(path, json={"name": "Nordlys Home"})).json()["version"] == 2
    suspended = await shop.staff.patch(path, json={"status": "suspended"})
    assert (suspended.json()["status"], suspended.headers["etag"]) == ("suspended", '"3"')
    assert (await shop.customer.get(path)).status_code == 404
    assert (await shop.customer.get("/vendors")).json()["data"] == []
    assert (await shop.staff.get(path)).json() == suspended.json()


async def test_two_vendors_never_get_one_name(shop: Shop) -> None:
    vendors_ = [(await shop.staff.post("/vendors", json={"name": name})).json() for name in ("First", "Second")]
    taken = await shop.staff.patch(f"/vendors/{vendors_[1]['id']}", json={"name": " FIRST "})
    assert (taken.status_code, taken.json()["code"]) == (409, "vendors.exists")
    answers = await asyncio.gather(
        *(shop.staff.patch(f"/vendors/{vendor['id']}", json={"name": "Third"}) for vendor in vendors_)
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]


@pytest.mark.parametrize("body", [{"name": ""}, {"status": "gone"}, {"slug": "new"}, {"version": 3}])
async def test_an_invalid_change_of_a_vendor_is_refused(shop: Shop, body: dict[str, str]) -> None:
    vendor = (await shop.staff.post("/vendors", json={"name": "Nordlys"})).json()
    assert (await shop.staff.patch(f"/vendors/{vendor['id']}", json=body)).status_code == 400


async def test_another_shops_vendor_cannot_be_changed(shop: Shop, other_shop: Shop) -> None:
    vendor = (await shop.staff.post("/vendors", json={"name": "Nordlys"})).json()
    for client, status in ((other_shop.staff, 404), (shop.customer, 403)):
        assert (await client.patch(f"/vendors/{vendor['id']}", json={"name": "Mine"})).status_code == status
    assert (await shop.staff.get(f"/vendors/{vendor['id']}")).json() == vendor
