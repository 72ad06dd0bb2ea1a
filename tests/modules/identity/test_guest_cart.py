"""What a guest had put into their cart comes along when they are let in."""

import asyncio
from collections.abc import Mapping
from uuid import UUID, uuid4

import pytest

from luxewin.kit.access import ANONYMOUS, Role
from luxewin.kit.database import Database
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.cart import repository
from luxewin.modules.cart.domain import Basket, BasketItem
from luxewin.modules.cart.public import CartOwner
from tests.modules.identity.door import PASSWORD, Door, Member, warm

LAMP, CHAIR = uuid4(), uuid4()


async def _fill(database: Database, shop: Tenancy, owner: CartOwner, contents: Mapping[UUID, int]) -> None:
    items = [BasketItem(uuid4(), "goods", variant_id, quantity) for variant_id, quantity in contents.items()]
    async with database.begin(shop, ANONYMOUS) as tx:
        basket = Basket(uuid4(), 1, "USD", ())
        tx.write(repository.add_cart(tx, basket, owner))
        tx.write(repository.put_items(tx, basket.cart_id, items))


async def _contents(database: Database, shop: Tenancy, owner: CartOwner) -> dict[UUID, int] | None:
    async with database.begin(shop, ANONYMOUS) as tx:
        basket = await repository.basket(tx, owner)
    return None if basket is None else {item.offer_id: item.quantity for item in basket.items}


@pytest.fixture
async def token(database: Database, shop: Tenancy) -> str:
    """The token of a guest's cart with a lamp and a chair in it."""
    token = uuid4().hex
    await _fill(database, shop, CartOwner.guest(token), {LAMP: 1, CHAIR: 2})
    return token


async def test_a_guests_cart_becomes_the_cart_of_whom_they_register_as(
    database: Database, door: Door, shop: Tenancy, token: str
) -> None:
    body = {"name": "Ada", "email": "ada@example.com", "password": PASSWORD}
    async with door.client(shop, x_cart_token=token) as client:
        registered = (await client.post("/auth/register", json=body)).json()
    assert await _contents(database, shop, CartOwner(user_id=UUID(registered["user"]["id"]))) == {LAMP: 1, CHAIR: 2}
    assert await _contents(database, shop, CartOwner.guest(token)) is None


async def test_a_guests_cart_is_merged_into_the_accounts_own_once(
    database: Database, door: Door, shop: Tenancy, ada: Member, token: str
) -> None:
    own = CartOwner(user_id=UUID(ada.id))
    await _fill(database, shop, own, {LAMP: 4})
    await warm(database)
    logins = (Member.logged_in(door, shop, email=ada.email, password=PASSWORD, x_cart_token=token) for _ in range(6))
    await asyncio.gather(*logins)
    merged = await _contents(database, shop, own)
    assert merged is not None
    assert merged[CHAIR] == 2
    assert await _contents(database, shop, CartOwner.guest(token)) is None


@pytest.mark.parametrize("unknown", ["x", "\u00e9", "a" * 5000])
async def test_a_token_of_no_cart_keeps_nobody_out(door: Door, shop: Tenancy, ada: Member, unknown: str) -> None:
    async with door.client(shop) as client:
        body = {"email": ada.email, "password": PASSWORD}
        answer = await client.post("/auth/login", json=body, headers={b"X-Cart-Token": unknown.encode()})
    assert answer.status_code == 200


async def test_a_failed_login_moves_no_cart(
    database: Database, door: Door, shop: Tenancy, ada: Member, token: str
) -> None:
    async with door.client(shop, x_cart_token=token) as client:
        await client.post("/auth/login", json={"email": ada.email, "password": "wrong"})
    assert await _contents(database, shop, CartOwner.guest(token)) == {LAMP: 1, CHAIR: 2}


async def test_a_super_admin_takes_no_cart_along(database: Database, door: Door, shop: Tenancy, token: str) -> None:
    owner = await door.member(shop, Role.SUPER_ADMIN)
    await Member.logged_in(door, shop, email=owner.email, password=PASSWORD, x_cart_token=token)
    assert await _contents(database, shop, CartOwner.guest(token)) == {LAMP: 1, CHAIR: 2}
