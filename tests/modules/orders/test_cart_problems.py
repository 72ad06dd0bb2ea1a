"""A cart lists every reason why an order of it would be refused, whatever changes after an item was put in."""

import random
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from luxewin.kit.access import SYSTEM
from luxewin.kit.money import LARGEST_AMOUNT_MINOR
from luxewin.modules.cart import public as cart
from tests.modules.orders.sellers import Seller, seller
from tests.workflows.market import ADDRESS, Market, Person

Mishap = Callable[[Market, Seller], Awaitable[object]]
SOLD_OUT, UNAVAILABLE, TOO_LARGE = "inventory.sold_out", "orders.item_unavailable", "orders.total_too_large"


async def _lower_stock(market: Market, goods: Seller) -> None:
    await market.stock.adjust(goods.variant_id, delta=-4)


async def _sell_out(market: Market, goods: Seller) -> None:
    available = await market.stock.available(goods.variant_id)
    if available:
        await market.stock.hold((goods.variant_id, available))


async def _archive(market: Market, goods: Seller) -> None:
    await market.shop.withdraw(goods.variant_id)


async def _delete_variant(market: Market, goods: Seller) -> None:
    await market.as_owner("UPDATE catalog_variants SET deleted_at = now() WHERE id = $1", goods.variant_id)


async def _suspend(market: Market, goods: Seller) -> None:
    answer = await market.staff.request("PATCH", f"/vendors/{goods.vendor_id}", {"status": "suspended"})
    assert answer.status_code == 200, answer.text


async def _raise_price(market: Market, goods: Seller) -> None:
    await market.shop.reprice(goods.variant_id, LARGEST_AMOUNT_MINOR - 100)


async def _do_nothing(_market: Market, _goods: Seller) -> None:
    pass


MISHAPS: list[tuple[Mishap, str]] = [
    (_lower_stock, SOLD_OUT),
    (_sell_out, SOLD_OUT),
    (_archive, UNAVAILABLE),
    (_delete_variant, UNAVAILABLE),
    (_suspend, UNAVAILABLE),
    (_raise_price, TOO_LARGE),
]


async def _problems(person: Person) -> list[dict[str, Any]]:
    answer = await person.request("GET", "/cart")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["problems"]
    return found


@pytest.mark.parametrize(("mishap", "code"), MISHAPS)
async def test_what_prevents_an_order_of_an_item_is_listed(market: Market, mishap: Mishap, code: str) -> None:
    goods = await seller(market, "Acme")
    await market.buyer.add_to_cart(goods.variant_id, 3)
    await mishap(market, goods)
    found = await _problems(market.buyer)
    assert [problem["code"] for problem in found if problem["item_id"]] == [code]
    refused = await market.buyer.check_out()
    assert (refused.status_code, refused.json()["code"]) == (409, code)


async def test_a_merged_cart_with_more_units_than_are_available_says_how_many_there_are(market: Market) -> None:
    variant = await market.create_variant(stock=10)
    guest, user_id = market.guest(), market.buyer.principal.user_id
    await guest.add_to_cart(variant, 6)
    await market.buyer.add_to_cart(variant, 5)
    token = guest.headers["x-cart-token"]
    assert user_id is not None
    await market.database.run(market.tenant, SYSTEM, lambda tx: cart.merge_guest(tx, token=token, user_id=user_id))
    (problem,) = await _problems(market.buyer)
    assert problem["code"] == SOLD_OUT
    assert problem["message"] == "10 units of this item can be ordered, the cart has 11; reduce it"
    assert (await market.buyer.check_out()).json()["code"] == SOLD_OUT


@pytest.mark.parametrize("seed", range(4))
async def test_a_cart_and_its_order_agree_on_every_problem(market: Market, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a test must be reproducible
    seen: Counter[str] = Counter()
    for turn in range(12):
        await market.buyer.request("DELETE", "/cart")
        sold = [await seller(market, f"vendor-{seed}-{turn}-{number}") for number in range(chance.randint(1, 3))]
        for goods in sold:
            await market.buyer.add_to_cart(goods.variant_id, chance.randint(1, 5))
        for goods in sold:
            await chance.choice([_do_nothing, *(mishap for mishap, _ in MISHAPS)])(market, goods)
        listed = {problem["code"] for problem in await _problems(market.buyer)}
        order = await market.buyer.request("POST", "/orders", {"shipping_address": ADDRESS}, dry_run=True)
        if listed:
            assert (order.status_code, order.json()["code"] in listed) == (409, True), (order.text, listed)
        else:
            assert order.status_code == 201, order.text
        seen[order.json().get("code", "ordered")] += 1
    assert len(seen) > 2, seen
