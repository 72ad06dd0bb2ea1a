"""What a cart knows about its order, and the shipping methods to choose from."""

from typing import Any

import pytest

from luxewin.kit.ids import new_id
from tests.modules.cart.shop import Shop, Shopper
from tests.modules.cart.test_merging import sign_in

BRITISH = {"name": "Ada", "line1": "1 High Street", "city": "London", "postal_code": "SW1Y 4JH", "country": "GB"}
FRENCH = {"name": "Ada", "line1": "1 rue Haute", "city": "Mios", "postal_code": "33380", "country": "FR"}


async def put(shopper: Shopper, **body: Any) -> Any:
    answer = await shopper.ask("PUT", "/cart", body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def shipping(cart: Any) -> int | None:
    """Return the shipping of a cart, which its total includes; None if neither is known."""
    totals = cart["totals"]
    if totals["shipping"] is None:
        assert totals["total"] is None
        return None
    amount: int = totals["shipping"]["amount"]
    assert totals["total"]["amount"] == totals["subtotal"]["amount"] + amount
    return amount


async def test_shipping_is_known_with_the_only_method_with_an_address_or_with_a_chosen_method(shop: Shop) -> None:
    (variant,) = await shop.product()
    shopper = shop.visitor()
    await shop.ship("standard", 990)
    assert shipping((await shopper.add(variant)).json()) == 990
    await shop.ship("express", 2_500, countries=["GB"])
    assert shipping(await shopper.cart()) is None
    assert shipping(await put(shopper, shipping_method="express")) == 2_500
    assert shipping(await put(shopper, shipping_address=BRITISH)) == 2_500
    assert shipping(await put(shopper, shipping_method=None)) == 990
    assert shipping(await shopper.cart()) == 990


async def test_what_the_cart_knows_is_kept_until_it_is_removed(shop: Shop) -> None:
    shopper = shop.visitor()
    known = await put(shopper, email="ada@example.com", note="Ring\ntwice", billing_address=FRENCH)
    assert shopper.token is not None
    assert (known["email"], known["note"], known["billing_address"]["city"]) == (
        "ada@example.com",
        "Ring\ntwice",
        "Mios",
    )
    assert (await put(shopper, note=None))["billing_address"] == known["billing_address"]
    cart = await shopper.cart()
    assert (cart["email"], cart["note"], cart["shipping_address"], cart["version"]) == (
        "ada@example.com",
        None,
        None,
        2,
    )


async def test_a_cart_is_not_sent_where_nothing_is_shipped_to(shop: Shop) -> None:
    (variant,) = await shop.product()
    shopper = shop.visitor()
    await shopper.add(variant)
    await shop.ship("standard", 990, countries=["GB"])
    for body, code in (
        ({"shipping_address": FRENCH}, "shipping.destination_not_served"),
        ({"shipping_method": "drone"}, "shipping.method_unknown"),
    ):
        refused = await shopper.ask("PUT", "/cart", body)
        assert (refused.status_code, refused.json()["code"]) == (400, code)
    await put(shopper, shipping_address=BRITISH)
    await shop.ship("standard", 990, countries=["DE"])
    cart = await shopper.cart()
    assert [problem["code"] for problem in cart["problems"]] == ["shipping.destination_not_served"]
    assert shipping(cart) is None
    assert shipping(await put(shopper, shipping_address=None, note="fewer")) == 990


async def test_the_options_are_those_that_serve_the_address_and_name_the_selected_one(shop: Shop) -> None:
    (variant,) = await shop.product()
    shopper = shop.customer()
    await shop.ship("standard", 990)
    await shop.ship("express", 2_500, countries=["GB"])

    async def options(query: str = "") -> list[tuple[str, bool]]:
        listed = (await shopper.ask("GET", f"/cart/shipping-options{query}")).json()["data"]
        return [(option["code"], option["selected"]) for option in listed]

    assert await options() == []
    await shopper.add(variant)
    assert await options() == [("standard", False), ("express", False)]
    assert await options("?country=FR") == [("standard", False)]
    await put(shopper, shipping_address=BRITISH)
    assert await options() == [("standard", True), ("express", False)]
    await put(shopper, shipping_method="express")
    assert await options() == [("standard", False), ("express", True)]


async def test_goods_that_are_not_shipped_cost_no_shipping(shop: Shop) -> None:
    (variant,) = await shop.product()
    shopper = shop.visitor()
    await shop.ship("standard", 990)
    await shop.execute(
        "UPDATE catalog_variants SET requires_shipping = false WHERE tenant_id = $1 AND id = $2", variant
    )
    assert shipping((await shopper.add(variant)).json()) == 0
    assert (await shopper.ask("GET", "/cart/shipping-options")).json()["data"] == []


@pytest.mark.parametrize("change", ["price", "shipping", "method"])
async def test_the_tag_of_a_cart_moves_with_its_cost_although_nothing_is_written(shop: Shop, change: str) -> None:
    (variant,) = await shop.product()
    shopper = shop.customer(new_id())
    await shopper.add(variant)

    async def tag() -> str:
        answer = await shopper.ask("GET", "/cart")
        assert answer.json()["version"] == 1
        found: str = answer.headers["etag"]
        return found

    before = await tag()
    assert await tag() == before
    match change:
        case "price":
            await shop.reprice(variant, 1)
        case "shipping":
            await shop.ship("standard", 1)
        case _:
            await shop.ship("express", 1)
    assert await tag() != before
    assert (await shopper.add(variant, if_match=before)).status_code == 201, "the cart itself has not changed"


async def test_the_details_of_a_guests_cart_complete_those_of_the_account(shop: Shop) -> None:
    user_id = new_id()
    guest, account = shop.visitor(), shop.customer(user_id)
    await put(account, note="of the account")
    await put(guest, note="of the guest", shipping_address=BRITISH)
    await sign_in(shop, guest, user_id)
    cart = await account.cart()
    assert (cart["note"], cart["shipping_address"]["city"]) == ("of the account", "London")
