"""A write with `If-Match` succeeds only if what its client saw still stands."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from luxewin.kit.access import SYSTEM
from tests.modules.catalog.shop import Shop, dollars

LONG_ENOUGH_SECONDS = 0.3
"""The time in which a write without a lock ends. A locked write waits; no assertion depends on the duration."""


async def _pot(shop: Shop) -> tuple[dict[str, Any], str]:
    answer = await shop.staff.post("/products", json={"name": "Pot", "price": dollars(10), "stock": 10})
    return answer.json(), answer.headers["etag"]


async def test_stock_is_not_written_over_a_sale_that_its_client_has_not_seen(shop: Shop) -> None:
    pot, tag = await _pot(shop)
    path, variant = f"/products/{pot['id']}", pot["variants"][0]
    await shop.sell(UUID(variant["id"]), 2)
    stale = {"If-Match": tag}
    for refused in (
        await shop.staff.patch(path, json={"stock": 10}, headers=stale),
        await shop.staff.put(path, json={"name": "Pot", "price": dollars(10)}, headers=stale),
        await shop.staff.patch(path, json={"variants": [{"id": variant["id"]}]}, headers=stale),
        await shop.staff.patch(f"{path}/variants/{variant['id']}", json={"stock": 10}, headers=stale),
        await shop.staff.put(f"{path}/variants/{variant['id']}", json={"options": {}}, headers=stale),
    ):
        assert (refused.status_code, refused.json()["code"]) == (412, "request.precondition_failed")
    fits = await shop.staff.patch(path, json={"price": dollars(11)}, headers=stale)
    assert (fits.status_code, fits.json()["stock"]) == (200, 8)
    current = {"If-Match": fits.headers["etag"]}
    assert (await shop.staff.patch(path, json={"stock": 9}, headers=current)).json()["stock"] == 9


@pytest.mark.parametrize(
    "tag", ['"1"', '"1-"', '"1-0123456789ab"', "1", "W/{tag}", "{bare}", '"2", "1"', '"{bare}x"', '"1 {bare}"', '""']
)
async def test_a_tag_that_is_not_the_current_one_does_not_match(shop: Shop, tag: str) -> None:
    pot, current = await _pot(shop)
    sent = tag.format(tag=current, bare=current.strip('"'))
    refused = await shop.staff.patch(f"/products/{pot['id']}", json={"stock": 3}, headers={"If-Match": sent})
    assert refused.status_code == 412, sent


@pytest.mark.parametrize("tag", ["{tag}", "*", ' "a,b" , W/"1", {tag}', '"7",{tag}'])
async def test_one_strong_tag_of_a_list_or_any_matches(shop: Shop, tag: str) -> None:
    pot, current = await _pot(shop)
    headers = {"If-Match": tag.format(tag=current)}
    assert (await shop.staff.patch(f"/products/{pot['id']}", json={"stock": 3}, headers=headers)).status_code == 200


@pytest.mark.parametrize("tag", ['"1-x"', "1", 'W/"1"', '"01"', '"1'])
async def test_a_tag_without_a_state_matches_exactly(shop: Shop, tag: str) -> None:
    category = (await shop.staff.post("/categories", json={"name": "Pots"})).json()
    path = f"/categories/{category['id']}"
    assert (await shop.staff.patch(path, json={"name": "A"}, headers={"If-Match": tag})).status_code == 412
    assert (await shop.staff.patch(path, json={"name": "A"}, headers={"If-Match": '"1"'})).status_code == 200


async def test_of_many_counts_of_one_state_one_succeeds(shop: Shop) -> None:
    pot, tag = await _pot(shop)
    answers = await asyncio.gather(
        *(
            shop.staff.patch(f"/products/{pot['id']}", json={"stock": 20 + n}, headers={"If-Match": tag})
            for n in range(8)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, *[412] * 7]


async def test_a_sale_between_the_check_and_the_write_is_not_lost(shop: Shop) -> None:
    pot, tag = await _pot(shop)
    variant_id = UUID(pot["variants"][0]["id"])
    answer, _ = await asyncio.gather(
        shop.staff.patch(f"/products/{pot['id']}", json={"stock": 15}, headers={"If-Match": tag}),
        shop.sell(variant_id, 2),
    )
    [row] = await shop.rows("SELECT on_hand FROM inventory_stock")
    assert (answer.status_code, row["on_hand"]) in {(200, 13), (412, 8)}


async def test_of_two_edits_of_a_category_of_one_version_one_succeeds(shop: Shop) -> None:
    category = (await shop.staff.post("/categories", json={"name": "Pots"})).json()
    answers = await asyncio.gather(
        *(
            shop.staff.patch(f"/categories/{category['id']}", json={"position": n}, headers={"If-Match": '"1"'})
            for n in range(1, 9)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, *[412] * 7]


async def test_a_version_that_changes_meanwhile_is_noticed(shop: Shop) -> None:
    pot, tag = await _pot(shop)
    async with shop.database.begin(shop.tenant, SYSTEM) as tx:
        await tx.execute(
            "UPDATE catalog_products SET version = version + 1 WHERE tenant_id = $1 AND id = $2",
            tx.tenant_id,
            UUID(pot["id"]),
        )
        waiting = asyncio.create_task(
            shop.staff.patch(f"/products/{pot['id']}", json={"stock": 3}, headers={"If-Match": tag})
        )
        await asyncio.wait({waiting}, timeout=LONG_ENOUGH_SECONDS)
    assert (await waiting).status_code == 412


async def test_a_body_that_was_read_before_a_sale_does_not_set_the_stock_back(shop: Shop) -> None:
    pot, _ = await _pot(shop)
    path, variant = f"/products/{pot['id']}", UUID(pot["variants"][0]["id"])
    await shop.sell(variant, 1)
    refused = await shop.staff.put(path, json={**pot, "name": "Blue Pot"})
    assert (refused.status_code, refused.json()["code"]) == (412, "request.precondition_failed"), refused.text
    counted = await shop.staff.put(path, json={"name": "Blue Pot", "price": dollars(10), "stock": 10})
    assert (counted.status_code, counted.json()["stock"]) == (200, 10), counted.text


async def test_a_body_that_was_read_may_change_the_stock_that_it_has_seen(shop: Shop) -> None:
    pot, _ = await _pot(shop)
    variants = [{**pot["variants"][0], "stock": 20}]
    changed = await shop.staff.put(f"/products/{pot['id']}", json={**pot, "variants": variants})
    assert (changed.status_code, changed.json()["stock"]) == (200, 20), changed.text
