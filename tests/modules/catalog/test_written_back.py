"""The response to a read of a category, collection or product type is a valid body to replace it."""

from typing import Any

import pytest

from luxewin.kit.ids import new_id
from tests.modules.catalog.shop import Shop

OBJECTS: dict[str, dict[str, Any]] = {
    "/categories": {"name": "Chairs", "slug": "seats", "position": 3},
    "/collections": {"name": "Winter", "description": "<p>Dark.</p>"},
    "/product-types": {"name": "Sofa", "attributes": [{"name": "Seats", "kind": "integer", "required": True}]},
}


@pytest.mark.parametrize("path", OBJECTS)
async def test_an_object_is_written_back_as_it_is_shown(shop: Shop, path: str) -> None:
    made = (await shop.staff.post(path, json=OBJECTS[path])).json()
    shown = await shop.staff.get(f"{path}/{made['id']}")
    again = await shop.staff.put(f"{path}/{made['id']}", json=shown.json(), headers={"If-Match": shown.headers["etag"]})
    assert (again.status_code, again.json()) == (200, shown.json()), again.text
    assert (await shop.staff.get(f"{path}/{made['id']}")).json() == shown.json()


@pytest.mark.parametrize("path", OBJECTS)
async def test_a_read_only_field_that_differs_is_refused_by_name(shop: Shop, path: str) -> None:
    made = (await shop.staff.post(path, json=OBJECTS[path])).json()
    for change in ({"id": str(new_id())}, {"created_at": "2020-01-01T00:00:00Z"}, {"updated_at": None}):
        refused = await shop.staff.put(f"{path}/{made['id']}", json={**made, **change})
        pointers = [error["pointer"] for error in refused.json()["errors"]]
        assert (refused.status_code, pointers) == (400, [f"/{next(iter(change))}"])
        new = await shop.staff.post(path, json={**OBJECTS[path], "name": "Other", **change})
        assert new.status_code == 400
    stale = await shop.staff.put(f"{path}/{made['id']}", json={**made, "version": 9})
    assert stale.status_code == 412


@pytest.mark.parametrize("path", ["/categories", "/collections"])
@pytest.mark.parametrize("with_hyphens", [True, False])
async def test_a_slug_that_looks_like_an_id_is_found(shop: Shop, path: str, with_hyphens: bool) -> None:
    slug = str(new_id()) if with_hyphens else new_id().hex
    made = (await shop.staff.post(path, json={"name": "A", "slug": slug})).json()
    assert (await shop.staff.get(f"{path}/{slug}")).json() == made
    other = (await shop.staff.post(path, json={"name": "B", "slug": made["id"]})).json()
    assert (await shop.staff.get(f"{path}/{made['id']}")).json() == made
    assert (await shop.staff.get(f"{path}/{other['id']}")).json() == other
