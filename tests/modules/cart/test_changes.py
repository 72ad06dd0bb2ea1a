"""Simultaneous changes of one cart: none is lost, and none is based on an older version."""

import asyncio

import pytest

from luxewin.kit.ids import new_id
from tests.modules.cart.shop import Shop


async def test_different_items_added_at_the_same_moment_are_all_there(shop: Shop) -> None:
    variants = await shop.product(variants=12)
    shopper = shop.visitor()
    await shopper.add(variants[0])
    answers = await asyncio.gather(*(shopper.add(variant) for variant in variants[1:]))
    assert {answer.status_code for answer in answers} == {201}
    assert await shopper.quantities() == dict.fromkeys(variants, 1)
    assert sorted(answer.json()["version"] for answer in answers) == list(range(2, 13))


async def test_the_same_variant_added_at_the_same_moment_adds_up(shop: Shop) -> None:
    (variant,) = await shop.product(stock=100)
    shopper = shop.visitor()
    await shopper.add(variant)
    answers = await asyncio.gather(*(shopper.add(variant, 2) for _ in range(12)))
    assert {answer.status_code for answer in answers} == {201}
    assert await shopper.quantities() == {variant: 25}


async def test_the_first_items_of_an_account_from_many_devices_go_into_one_cart(shop: Shop) -> None:
    variants = await shop.product(variants=12)
    user_id = new_id()
    answers = await asyncio.gather(*(shop.customer(user_id).add(variant) for variant in variants))
    assert {answer.status_code for answer in answers} == {201}
    assert await shop.customer(user_id).quantities() == dict.fromkeys(variants, 1)
    assert len(await shop.rows("SELECT id FROM cart_carts WHERE tenant_id = $1")) == 1


async def test_every_response_shows_the_cart_at_its_version(shop: Shop) -> None:
    variants = await shop.product(variants=8)
    user_id = new_id()
    answers = await asyncio.gather(*(shop.customer(user_id).add(variant) for variant in variants))
    assert sorted((answer.json()["version"], len(answer.json()["items"])) for answer in answers) == [
        (version, version) for version in range(1, 9)
    ]


async def test_an_item_removed_twice_at_the_same_moment_is_removed_once(shop: Shop) -> None:
    (variant,) = await shop.product()
    shopper = shop.visitor()
    item_id = (await shopper.add(variant)).json()["items"][0]["id"]
    answers = await asyncio.gather(*(shopper.remove(item_id) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 404, 404, 404]


@pytest.mark.parametrize("tag", ['"1"', 'W/"1"', "1"])
async def test_a_change_of_an_older_version_is_refused(shop: Shop, tag: str) -> None:
    (variant,) = await shop.product()
    shopper = shop.visitor()
    await shopper.add(variant)
    item_id = (await shopper.add(variant)).json()["items"][0]["id"]
    answers = [
        await shopper.add(variant, if_match=tag),
        await shopper.change(item_id, 5, if_match=tag),
        await shopper.remove(item_id, if_match=tag),
        await shopper.ask("DELETE", "/cart", if_match=tag),
    ]
    assert [answer.status_code for answer in answers] == [412] * 4
    assert await shopper.quantities() == {variant: 2}


async def test_a_change_of_the_current_version_is_accepted(shop: Shop) -> None:
    (variant,) = await shop.product()
    shopper = shop.visitor()
    added = await shopper.add(variant, if_match='"0"')
    item_id = added.json()["items"][0]["id"]
    changed = await shopper.change(item_id, 5, if_match=added.headers["etag"])
    assert (added.status_code, changed.status_code, changed.headers["etag"][:3]) == (201, 200, '"2-')
