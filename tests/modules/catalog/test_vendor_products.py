"""A vendor changes its own products, and no others."""

from luxewin.kit.ids import new_id
from luxewin.modules.identity.public import Role
from tests.modules.catalog.shop import Shop, dollars

CHAIR = {"name": "Chair", "price": dollars(10)}


async def test_a_vendors_product_is_the_vendors(shop: Shop) -> None:
    vendor_id, nordlys = await shop.vendor("Nordlys")
    product = (await nordlys.post("/products", json=CHAIR)).json()
    assert product["vendor"] == {"id": str(vendor_id), "name": "Nordlys"}
    changed = await nordlys.put(f"/products/{product['id']}", json={**CHAIR, "name": "Stool"})
    assert (changed.status_code, changed.json()["vendor"]) == (200, product["vendor"])
    assert (await nordlys.delete(f"/products/{product['id']}")).status_code == 204


async def test_products_of_another_vendor_are_not_found(shop: Shop) -> None:
    _, nordlys = await shop.vendor("Nordlys")
    _, verrane = await shop.vendor("Verrane")
    theirs = (await nordlys.post("/products", json=CHAIR)).json()
    ours = await shop.product()
    for product_id in (theirs["id"], ours["id"], str(new_id())):
        path = f"/products/{product_id}"
        variant = f"{path}/variants/{theirs['variants'][0]['id']}"
        for refused in (
            await verrane.put(path, json=CHAIR),
            await verrane.patch(path, json={"price": dollars(1)}),
            await verrane.delete(path),
            await verrane.post(f"{path}/variants", json={"options": {}}),
            await verrane.put(variant, json={"options": {}}),
            await verrane.patch(variant, json={"stock": 1}),
            await verrane.delete(variant),
        ):
            assert (refused.status_code, refused.json()["code"]) == (404, "request.not_found")


async def test_only_staff_say_whose_a_product_is(shop: Shop) -> None:
    nordlys_id, nordlys = await shop.vendor("Nordlys")
    verrane_id, _ = await shop.vendor("Verrane")
    refused = await nordlys.post("/products", json={**CHAIR, "vendor_id": str(verrane_id)})
    assert (refused.status_code, refused.json()["code"]) == (403, "catalog.not_yours_to_set")
    own = (await nordlys.post("/products", json={**CHAIR, "vendor_id": str(nordlys_id)})).json()
    moved = await shop.staff.patch(f"/products/{own['id']}", json={"vendor_id": str(verrane_id)})
    assert moved.json()["vendor"]["name"] == "Verrane"
    freed = await shop.staff.patch(f"/products/{own['id']}", json={"vendor_id": None})
    assert freed.json()["vendor"] is None


async def test_a_vendor_uses_categories_but_makes_none(shop: Shop) -> None:
    _, nordlys = await shop.vendor("Nordlys")
    refused = await nordlys.post("/products", json={**CHAIR, "category": "Chairs"})
    assert (refused.status_code, refused.json()["code"]) == (400, "catalog.category_not_found")
    await shop.staff.post("/categories", json={"name": "Chairs"})
    product = await nordlys.post("/products", json={**CHAIR, "category": "chairs"})
    assert product.json()["category"]["path"] == "Chairs"


async def test_a_vendors_account_without_a_vendor_keeps_nothing(shop: Shop) -> None:
    nobodys = shop.client(await shop.account(Role.VENDOR))
    refused = await nobodys.post("/products", json=CHAIR)
    assert (refused.status_code, refused.json()["code"]) == (403, "catalog.not_a_vendor")


async def test_former_members_of_a_vendor_cannot_change_its_products(shop: Shop) -> None:
    vendor_id, nordlys = await shop.vendor("Nordlys")
    product = (await nordlys.post("/products", json=CHAIR)).json()
    [member] = (await shop.staff.get(f"/vendors/{vendor_id}/members")).json()["data"]
    assert (await shop.staff.delete(f"/vendors/{vendor_id}/members/{member['user_id']}")).status_code == 204
    assert (await nordlys.delete(f"/products/{product['id']}")).status_code in {403, 404}
