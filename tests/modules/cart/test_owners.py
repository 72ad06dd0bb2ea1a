"""Only the owner of a cart may read and change it."""

import hashlib

from luxewin.kit.access import SYSTEM
from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.modules.cart import public as cart
from luxewin.modules.cart.public import CartOwner
from tests.modules.cart.shop import Shop, Shopper
from tests.modules.inventory.simultaneous import outcomes


async def test_a_guest_is_given_one_token_of_256_bits_of_which_only_the_hash_is_stored(shop: Shop) -> None:
    (variant,) = await shop.product()
    shopper = shop.visitor()
    first, second = await shopper.add(variant), await shopper.add(variant)
    token = first.headers["x-cart-token"]
    assert (len(token), "x-cart-token" in second.headers) == (43, False)
    (row,) = await shop.rows("SELECT user_id, token_hash FROM cart_carts WHERE tenant_id = $1")
    assert (row["user_id"], row["token_hash"]) == (None, hashlib.sha256(token.encode()).digest())


async def test_no_two_guests_are_given_the_same_token(shop: Shop) -> None:
    (variant,) = await shop.product()
    tokens = {(await shop.visitor().add(variant)).headers["x-cart-token"] for _ in range(20)}
    assert len(tokens) == 20


async def test_a_signed_in_customer_needs_and_gets_no_token(shop: Shop) -> None:
    (variant,) = await shop.product()
    user_id = new_id()
    added = await shop.customer(user_id).add(variant)
    assert "x-cart-token" not in added.headers
    assert await shop.customer(user_id).cart() == added.json()
    assert (await shop.customer().cart())["items"] == []


async def test_no_token_is_ever_stored_under_an_idempotency_key(shop: Shop) -> None:
    (variant,) = await shop.product()
    answers = [await shop.visitor().add(variant, idempotency_key="same") for _ in range(2)]
    assert answers[0].headers["x-cart-token"] != answers[1].headers["x-cart-token"]
    assert await shop.rows("SELECT key FROM kit_idempotency_keys WHERE tenant_id = $1") == []


async def test_a_later_write_repeated_with_its_key_takes_effect_once(shop: Shop) -> None:
    (variant,) = await shop.product()
    shopper = shop.visitor()
    await shopper.add(variant)
    answers = [await shopper.add(variant, idempotency_key="again") for _ in range(3)]
    assert {answer.content for answer in answers} == {answers[0].content}
    assert await shopper.quantities() == {variant: 2}


async def test_a_dry_run_of_the_first_write_creates_no_cart_and_gives_no_token(shop: Shop) -> None:
    (variant,) = await shop.product()
    dry_run = await shop.visitor().add(variant, prefer="dry-run")
    assert (dry_run.status_code, "x-cart-token" in dry_run.headers) == (201, False)
    assert await shop.rows("SELECT id FROM cart_carts WHERE tenant_id = $1") == []


async def test_an_unknown_token_reads_an_empty_cart_and_writes_to_none(shop: Shop, other_shop: Shop) -> None:
    (variant,), (their_variant,) = await shop.product(), await other_shop.product()
    theirs = other_shop.visitor()
    await theirs.add(their_variant)
    for token in ("never-given", theirs.token, "naïve \u00ff"):
        shopper = Shopper(shop.visitor().client, token)
        assert (await shopper.cart())["id"] is None
        answers = [
            await shopper.add(variant),
            await shopper.change(str(new_id()), 1),
            await shopper.remove(str(new_id())),
            await shopper.ask("DELETE", "/cart"),
        ]
        assert [answer.status_code for answer in answers] == [404] * 4
        assert {answer.json()["code"] for answer in answers} == {"cart.unknown_token"}
    assert await theirs.quantities() == {their_variant: 1}


async def test_an_ordered_cart_is_closed_to_its_token(shop: Shop) -> None:
    (variant,) = await shop.product()
    shopper = shop.visitor()
    await shopper.add(variant)
    await order(shop, CartOwner.guest(shopper.token or ""))
    assert (await shopper.cart())["items"] == []
    assert (await shopper.add(variant)).json()["code"] == "cart.unknown_token"


async def test_a_customer_gets_a_new_cart_after_ordering(shop: Shop) -> None:
    (variant,) = await shop.product()
    user_id = new_id()
    shopper = shop.customer(user_id)
    before = (await shopper.add(variant)).json()
    await order(shop, CartOwner(user_id=user_id))
    after = (await shopper.add(variant, 2)).json()
    assert after["id"] != before["id"]
    assert await shopper.quantities() == {variant: 2}


async def test_of_many_simultaneous_orders_of_one_cart_exactly_one_is_placed(shop: Shop) -> None:
    (variant,) = await shop.product()
    user_id = new_id()
    await shop.customer(user_id).add(variant)
    ends = await outcomes(*(order(shop, CartOwner(user_id=user_id)) for _ in range(20)))
    assert ends["served"] == 1
    assert ends["cart.empty"] + ends["cart.changed"] == 19


async def test_an_empty_cart_or_none_cannot_be_ordered(shop: Shop) -> None:
    (variant,) = await shop.product()
    user_id = new_id()
    assert await outcomes(order(shop, CartOwner(user_id=user_id))) == {"cart.empty": 1}
    shopper = shop.customer(user_id)
    await shopper.add(variant)
    await shopper.ask("DELETE", "/cart")
    assert await outcomes(order(shop, CartOwner(user_id=user_id))) == {"cart.empty": 1}


async def order(shop: Shop, owner: CartOwner) -> None:
    """End a cart as an order does."""

    async def effect(tx: Transaction) -> None:
        tx.write(cart.close(tx, (await cart.open_cart(tx, owner)).basket))

    await shop.database.run(shop.tenant, SYSTEM, effect)
