"""The tree of categories."""

import asyncio
from typing import Any

import pytest

from tests.modules.catalog.shop import Shop, dollars


async def _category(shop: Shop, name: str, parent: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    body = {"name": name, "parent_id": parent["id"] if parent else None, **more}
    answer = await shop.staff.post("/categories", json=body)
    assert answer.status_code == 201, answer.text
    category: dict[str, Any] = answer.json()
    return category


async def _found_under(shop: Shop, slug: str) -> set[str]:
    rows = await shop.rows(
        "SELECT p.name FROM catalog_v_categories c JOIN catalog_v_product_categories m"
        " ON m.tenant_id = c.tenant_id AND m.category_id = c.id"
        " JOIN catalog_v_products p ON p.tenant_id = m.tenant_id AND p.id = m.product_id WHERE c.slug = $1",
        slug,
    )
    return {row["name"] for row in rows}


async def test_naming_a_path_makes_all_of_it_once(shop: Shop) -> None:
    await shop.product("Sofa", category="Living Room/Seats/Sofas")
    await shop.product("Stool", category="living room / SEATS")
    tree = (await shop.staff.get("/categories")).json()["data"]
    assert [category["path"] for category in tree] == ["Living Room", "Living Room/Seats", "Living Room/Seats/Sofas"]
    assert await _found_under(shop, "living-room") == {"Sofa", "Stool"}
    assert await _found_under(shop, "seats") == {"Sofa", "Stool"}
    assert await _found_under(shop, "sofas") == {"Sofa"}


async def test_a_category_named_by_many_at_once_is_made_once(shop: Shop) -> None:
    bodies = [{"name": f"Chair {number}", "category": "Chairs", "price": dollars(1)} for number in range(6)]
    answers = await asyncio.gather(*(shop.staff.post("/products", json=body) for body in bodies))
    made = [answer for answer in answers if answer.status_code == 201]
    assert len({answer.json()["category"]["id"] for answer in made}) == 1
    assert len((await shop.staff.get("/categories")).json()["data"]) == 1


async def test_a_name_that_one_category_has_is_enough(shop: Shop) -> None:
    await _category(shop, "Sofas", await _category(shop, "Living Room"))
    assert (await shop.product("Sofa", category="sofas"))["category"]["path"] == "Living Room/Sofas"


async def test_a_name_that_two_categories_have_is_not_guessed(shop: Shop) -> None:
    for parent in ("Living Room", "Office"):
        await _category(shop, "Chairs", await _category(shop, parent))
    refused = await shop.staff.post("/products", json={"name": "Chair", "category": "Chairs", "price": dollars(1)})
    assert (refused.status_code, refused.json()["code"]) == (400, "catalog.category_ambiguous")
    assert [each["slug"] for each in (await shop.staff.get("/categories")).json()["data"]] == [
        "living-room",
        "office",
        "chairs",
        "office-chairs",
    ]


async def test_a_renamed_category_changes_the_paths_of_all_below_it(shop: Shop) -> None:
    await shop.product("Sofa", category="Living Room/Seats/Sofas")
    top = (await shop.staff.get("/categories/living-room")).json()
    renamed = await shop.staff.patch(f"/categories/{top['id']}", json={"name": "Lounge"})
    assert (renamed.json()["path"], renamed.json()["slug"]) == ("Lounge", "living-room")
    paths = [category["path"] for category in (await shop.staff.get("/categories")).json()["data"]]
    assert paths == ["Lounge", "Lounge/Seats", "Lounge/Seats/Sofas"]
    again = await shop.product("Armchair", category="lounge/seats")
    assert again["category"]["path"] == "Lounge/Seats"


async def test_a_moved_category_takes_its_products_along(shop: Shop) -> None:
    await shop.product("Sofa", category="Living Room/Seats/Sofas")
    await shop.product("Lamp", category="Living Room/Lamps")
    office = await _category(shop, "Office")
    seats = (await shop.staff.get("/categories/seats")).json()
    moved = await shop.staff.patch(f"/categories/{seats['id']}", json={"parent_id": office["id"]})
    assert moved.json()["path"] == "Office/Seats"
    assert await _found_under(shop, "living-room") == {"Lamp"}
    assert await _found_under(shop, "office") == await _found_under(shop, "seats") == {"Sofa"}
    to_the_top = await shop.staff.patch(f"/categories/{seats['id']}", json={"parent_id": None})
    assert to_the_top.json()["path"] == "Seats"
    assert await _found_under(shop, "office") == set()
    assert await _found_under(shop, "sofas") == {"Sofa"}


async def test_products_added_while_their_category_moves_are_found_in_its_new_position(shop: Shop) -> None:
    office = await _category(shop, "Office")
    seats = await _category(shop, "Seats", await _category(shop, "Living Room"))
    bodies = [{"name": f"Chair {number}", "category": "Seats", "price": dollars(1)} for number in range(5)]
    await asyncio.gather(
        shop.staff.patch(f"/categories/{seats['id']}", json={"parent_id": office["id"]}),
        *(shop.staff.post("/products", json=body) for body in bodies),
    )
    assert await shop.violated_invariants() == []


@pytest.mark.parametrize("below", ["itself", "its child"])
async def test_a_category_is_never_below_itself(shop: Shop, below: str) -> None:
    seats = await _category(shop, "Seats")
    sofas = await _category(shop, "Sofas", seats)
    parent = seats if below == "itself" else sofas
    refused = await shop.staff.patch(f"/categories/{seats['id']}", json={"parent_id": parent["id"]})
    assert (refused.status_code, refused.json()["code"]) == (400, "catalog.category_invalid")


async def test_the_tree_is_at_most_eight_deep(shop: Shop) -> None:
    await shop.product(category="/".join("abcdefgh"))
    deepest = (await shop.staff.get("/categories/h")).json()
    refused = await shop.staff.post("/categories", json={"name": "i", "parent_id": deepest["id"]})
    assert (refused.status_code, refused.json()["code"]) == (400, "catalog.category_invalid")
    top = (await shop.staff.get("/categories/a")).json()
    other = await _category(shop, "other")
    refused = await shop.staff.patch(f"/categories/{top['id']}", json={"parent_id": other["id"]})
    assert (refused.status_code, refused.json()["code"]) == (400, "catalog.category_invalid")


async def test_siblings_have_names_of_their_own(shop: Shop) -> None:
    seats = await _category(shop, "Seats")
    lamps = await _category(shop, "Lamps")
    for refused in (
        await shop.staff.post("/categories", json={"name": "SEATS"}),
        await shop.staff.patch(f"/categories/{lamps['id']}", json={"name": "seats"}),
    ):
        assert (refused.status_code, refused.json()["code"]) == (409, "catalog.name_taken")
    same = await shop.staff.patch(f"/categories/{seats['id']}", json={"name": "SEATS"})
    assert same.json()["name"] == "SEATS"


async def test_a_category_that_holds_something_stays(shop: Shop) -> None:
    sofa = await shop.product("Sofa", category="Living Room/Sofas")
    for slug in ("living-room", "sofas"):
        category = (await shop.staff.get(f"/categories/{slug}")).json()
        refused = await shop.staff.delete(f"/categories/{category['id']}")
        assert (refused.status_code, refused.json()["code"]) == (409, "catalog.category_in_use")
    await shop.staff.delete(f"/products/{sofa['id']}")
    sofas = (await shop.staff.get("/categories/sofas")).json()
    assert (await shop.staff.delete(f"/categories/{sofas['id']}")).status_code == 204
    assert (await shop.staff.get("/categories/sofas")).status_code == 404


async def test_a_product_that_changes_its_category_is_found_under_the_new_one_only(shop: Shop) -> None:
    sofa = await shop.product("Sofa", category="Living Room/Sofas")
    await shop.staff.patch(f"/products/{sofa['id']}", json={"category": "Living Room/Outlet"})
    assert await _found_under(shop, "sofas") == set()
    assert await _found_under(shop, "outlet") == await _found_under(shop, "living-room") == {"Sofa"}
    none = await shop.staff.patch(f"/products/{sofa['id']}", json={"category": None})
    assert none.json()["category"] is None
    assert await _found_under(shop, "living-room") == set()


async def test_a_client_with_the_current_response_gets_304(shop: Shop) -> None:
    await _category(shop, "Seats")
    known = {path: await shop.customer.get(path) for path in ("/categories", "/categories/seats")}
    for path, first in known.items():
        again = await shop.customer.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    seats = known["/categories/seats"].json()
    await shop.staff.patch(f"/categories/{seats['id']}", json={"name": "Chairs"})
    for path, first in known.items():
        changed = await shop.customer.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert changed.status_code == 200


async def test_another_tenants_category_does_not_exist(shop: Shop, other_shop: Shop) -> None:
    theirs = await _category(other_shop, "Seats")
    assert (await shop.staff.get(f"/categories/{theirs['id']}")).status_code == 404
    assert (await shop.staff.get("/categories/seats")).status_code == 404
    assert (await shop.staff.delete(f"/categories/{theirs['id']}")).status_code == 404
    refused = await shop.staff.post("/categories", json={"name": "Sofas", "parent_id": theirs["id"]})
    assert (refused.status_code, refused.json()["code"]) == (400, "catalog.category_invalid")
