"""The cart of a guest who logs in is merged into the account's."""

from uuid import UUID

from luxewin.kit.access import SYSTEM
from luxewin.kit.ids import new_id
from luxewin.modules.cart import public as cart
from tests.modules.cart.shop import Shop, Shopper
from tests.modules.inventory.simultaneous import outcomes


async def sign_in(shop: Shop, guest: Shopper, user_id: UUID) -> None:
    token = guest.token or ""
    await shop.database.run(shop.tenant, SYSTEM, lambda tx: cart.merge_guest(tx, token=token, user_id=user_id))


async def test_the_items_of_both_carts_are_added_together(shop: Shop) -> None:
    both, mine, theirs = await shop.product(variants=3)
    guest, user_id = shop.visitor(), new_id()
    await guest.add(both, 2)
    await guest.add(theirs, 3)
    await shop.customer(user_id).add(both, 1)
    await shop.customer(user_id).add(mine, 1)
    await sign_in(shop, guest, user_id)
    assert await shop.customer(user_id).quantities() == {both: 3, mine: 1, theirs: 3}
    assert (await shop.customer(user_id).cart())["version"] == 3


async def test_an_account_without_a_cart_gets_the_guests_items(shop: Shop) -> None:
    (variant,) = await shop.product()
    guest, user_id = shop.visitor(), new_id()
    await guest.add(variant, 2)
    await sign_in(shop, guest, user_id)
    assert await shop.customer(user_id).quantities() == {variant: 2}


async def test_a_merged_cart_is_closed_to_its_token_and_is_not_merged_again(shop: Shop) -> None:
    (variant,) = await shop.product()
    guest, user_id = shop.visitor(), new_id()
    await guest.add(variant, 2)
    await sign_in(shop, guest, user_id)
    await sign_in(shop, guest, user_id)
    assert await shop.customer(user_id).quantities() == {variant: 2}
    assert (await guest.add(variant)).json()["code"] == "cart.unknown_token"


async def test_a_token_without_a_cart_does_not_prevent_a_login(shop: Shop) -> None:
    user_id = new_id()
    await sign_in(shop, shop.visitor(), user_id)
    assert (await shop.customer(user_id).cart())["id"] is None


async def test_an_empty_guest_cart_creates_no_cart(shop: Shop) -> None:
    (variant,) = await shop.product()
    guest, user_id = shop.visitor(), new_id()
    await guest.add(variant)
    await guest.ask("DELETE", "/cart")
    await sign_in(shop, guest, user_id)
    assert (await shop.customer(user_id).cart())["id"] is None


async def test_units_beyond_the_limits_are_dropped_and_the_login_succeeds(shop: Shop) -> None:
    variants = await shop.product(variants=103, stock=None)
    guest, user_id = shop.visitor(), new_id()
    shopper = shop.customer(user_id)
    for variant in variants[:99]:
        await shopper.add(variant, 6_000)
    for variant in (variants[0], *variants[99:]):
        await guest.add(variant, 6_000)
    await sign_in(shop, guest, user_id)
    merged = await shopper.quantities()
    assert (len(merged), merged[variants[0]], merged[variants[1]]) == (100, 10_000, 6_000)
    assert set(merged) == set(variants[:100])


async def test_signing_in_on_two_devices_at_the_same_moment_merges_both_carts(shop: Shop) -> None:
    one, two = await shop.product(variants=2)
    guests, user_id = [shop.visitor(), shop.visitor()], new_id()
    await guests[0].add(one)
    await guests[1].add(two)
    assert await outcomes(*(sign_in(shop, guest, user_id) for guest in guests)) == {"served": 2}
    assert await shop.customer(user_id).quantities() == {one: 1, two: 1}
