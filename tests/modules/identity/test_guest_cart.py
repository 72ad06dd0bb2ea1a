"""A guest's cart is merged at registration and login."""

import asyncio
from collections.abc import Mapping
from uuid import UUID, uuid4

import pytest

from luxewin.kit.access import ANONYMOUS
from luxewin.kit.database import Database
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.cart import repository
from luxewin.modules.cart.domain import Basket, BasketItem
from luxewin.modules.cart.public import CartOwner
from luxewin.modules.identity.public import Role
from tests.modules.identity.app import PASSWORD, Account, App, open_connections

LAMP, CHAIR = uuid4(), uuid4()


async def _fill(database: Database, shop: Tenancy, owner: CartOwner, contents: Mapping[UUID, int]) -> None:
    items = [BasketItem(uuid4(), "goods", variant_id, quantity) for variant_id, quantity in contents.items()]
    async with database.begin(shop, ANONYMOUS) as tx:
        basket = Basket(uuid4(), 1, "USD", ())
        tx.write(repository.add_cart(tx, basket, owner))
        tx.write(repository.put_items(tx, basket.cart_id, items))


async def _contents(database: Database, shop: Tenancy, owner: CartOwner) -> dict[UUID, int] | None:
    async with database.begin(shop, ANONYMOUS) as tx:
        basket, _ = await repository.basket(tx, owner)
    return None if basket is None else {item.offer_id: item.quantity for item in basket.items}


@pytest.fixture
async def token(database: Database, shop: Tenancy) -> str:
    """The token of a guest's cart with a lamp and two chairs."""
    token = uuid4().hex
    await _fill(database, shop, CartOwner.guest(token), {LAMP: 1, CHAIR: 2})
    return token


async def test_a_guests_cart_becomes_the_cart_of_the_registered_account(
    database: Database, app: App, shop: Tenancy, token: str
) -> None:
    body = {"name": "Ada", "email": "ada@example.com", "password": PASSWORD}
    async with app.client(shop, x_cart_token=token) as client:
        registered = (await client.post("/auth/register", json=body)).json()
    assert await _contents(database, shop, CartOwner(user_id=UUID(registered["user"]["id"]))) == {LAMP: 1, CHAIR: 2}
    assert await _contents(database, shop, CartOwner.guest(token)) is None


async def test_a_guests_cart_is_merged_once_into_the_accounts_cart(
    database: Database, app: App, shop: Tenancy, ada: Account, token: str
) -> None:
    own = CartOwner(user_id=UUID(ada.id))
    await _fill(database, shop, own, {LAMP: 4})
    await open_connections(database)
    logins = (Account.log_in(app, shop, email=ada.email, password=PASSWORD, x_cart_token=token) for _ in range(6))
    await asyncio.gather(*logins)
    merged = await _contents(database, shop, own)
    assert merged is not None
    assert merged[CHAIR] == 2
    assert await _contents(database, shop, CartOwner.guest(token)) is None


@pytest.mark.parametrize("unknown", ["x", "\u00e9", "a" * 5000])
async def test_an_unknown_cart_token_does_not_fail_a_login(app: App, shop: Tenancy, ada: Account, unknown: str) -> None:
    async with app.client(shop) as client:
        body = {"email": ada.email, "password": PASSWORD}
        answer = await client.post("/auth/login", json=body, headers={b"X-Cart-Token": unknown.encode()})
    assert answer.status_code == 200


async def test_a_failed_login_moves_no_cart(
    database: Database, app: App, shop: Tenancy, ada: Account, token: str
) -> None:
    async with app.client(shop, x_cart_token=token) as client:
        await client.post("/auth/login", json={"email": ada.email, "password": "wrong"})
    assert await _contents(database, shop, CartOwner.guest(token)) == {LAMP: 1, CHAIR: 2}


async def test_a_super_admin_does_not_take_over_a_cart(database: Database, app: App, shop: Tenancy, token: str) -> None:
    owner = await app.create_account(shop, Role.SUPER_ADMIN)
    await Account.log_in(app, shop, email=owner.email, password=PASSWORD, x_cart_token=token)
    assert await _contents(database, shop, CartOwner.guest(token)) == {LAMP: 1, CHAIR: 2}
