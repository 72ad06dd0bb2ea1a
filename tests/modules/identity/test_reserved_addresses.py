"""No account of a tenant has the address of a super admin, whichever way the address comes in."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import asyncpg
import httpx2
import pytest

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.identity import public as identity
from luxewin.modules.identity.public import PLATFORM, Role
from tests.modules.identity.app import PASSWORD, Account, App, open_connections, until_blocked_or_done
from tests.modules.identity.work import Bcrypt, Statements
from tests.security.operations import leaves, operations

Take = Callable[[App, Tenancy, str], Awaitable[httpx2.Response]]
CONTACTS = {"PUT /api/v1/cart", "POST /api/v1/orders", "POST /api/v1/raffles/{raffle_id}/claims"}
"""Operations whose addresses are written to, but become the address of no account."""


async def _register(app: App, shop: Tenancy, email: str) -> httpx2.Response:
    async with app.client(shop) as client:
        return await client.post("/auth/register", json={"name": "M", "email": email, "password": PASSWORD})


async def _create(app: App, shop: Tenancy, email: str) -> httpx2.Response:
    async with app.client(shop) as client:
        return await client.post("/users", json={"name": "M", "email": email, "password": PASSWORD})


async def _create_as_admin(app: App, shop: Tenancy, email: str) -> httpx2.Response:
    async with (await app.create_account(shop, Role.ADMIN)).client() as client:
        body = {"name": "M", "email": email, "password": PASSWORD, "role": "admin"}
        return await client.post("/users", json=body)


async def _change_own(app: App, shop: Tenancy, email: str) -> httpx2.Response:
    mallory = await app.create_account(shop)
    async with mallory.client() as client:
        return await client.put(f"/users/{mallory.id}", json={"email": email, "current_password": PASSWORD})


async def _change_as_admin(app: App, shop: Tenancy, email: str) -> httpx2.Response:
    admin, mallory = await app.create_account(shop, Role.ADMIN), await app.create_account(shop)
    async with admin.client() as client:
        return await client.put(f"/users/{mallory.id}", json={"email": email, "role": "admin"})


WAYS_IN: dict[str, list[Take]] = {
    "POST /api/v1/auth/register": [_register],
    "POST /api/v1/users": [_create, _create_as_admin],
    "PUT /api/v1/users/{user_id}": [_change_own, _change_as_admin],
}
EVERY_WAY_IN = pytest.mark.parametrize(
    "take", [take for takes in WAYS_IN.values() for take in takes], ids=lambda take: take.__name__.strip("_")
)


def test_every_operation_that_accepts_an_address_is_covered() -> None:
    accepting = {
        str(one)
        for one in operations()
        if one.body is not None and any(schema.get("format") == "email" for _, schema in leaves(one.body))
    }
    assert accepting == WAYS_IN.keys() | CONTACTS


@EVERY_WAY_IN
async def test_the_address_of_a_super_admin_cannot_be_taken(app: App, shop: Tenancy, take: Take) -> None:
    root = await app.create_account(shop, Role.SUPER_ADMIN)
    answer = await take(app, shop, root.email.upper())
    assert (answer.status_code, answer.json()["code"]) == (409, "identity.email_taken")
    await Account.log_in(app, shop, email=root.email, password=PASSWORD)


@EVERY_WAY_IN
async def test_an_address_of_a_super_admin_is_refused_like_one_of_a_customer(
    app: App, shop: Tenancy, monkeypatch: pytest.MonkeyPatch, take: Take
) -> None:
    root, customer = await app.create_account(shop, Role.SUPER_ADMIN), await app.create_account(shop)
    bcrypt_calls, statements = Bcrypt(monkeypatch), Statements(monkeypatch)
    seen: list[tuple[Any, ...]] = []
    for email in (customer.email, root.email):
        bcrypt_calls.checked = bcrypt_calls.hashed = statements.sent = 0
        answer = await take(app, shop, email)
        body = {**answer.json(), "request_id": ""}
        seen.append((answer.status_code, body, bcrypt_calls.checked, bcrypt_calls.hashed, statements.sent))
    assert seen[0] == seen[1]


async def test_a_free_address_costs_as_many_hashes_as_a_taken_one(
    app: App, shop: Tenancy, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, customer = await app.create_account(shop, Role.SUPER_ADMIN), await app.create_account(shop)
    bcrypt_calls = Bcrypt(monkeypatch)
    for email in (root.email, customer.email, f"{uuid4().hex}@example.com"):
        for take in (_register, _create):
            bcrypt_calls.checked = bcrypt_calls.hashed = 0
            await take(app, shop, email)
            assert (bcrypt_calls.checked, bcrypt_calls.hashed) == (0, 1), take


async def test_a_super_admin_cannot_be_given_the_address_of_a_tenants_account(app: App, shop: Tenancy) -> None:
    root, customer = await app.create_account(shop, Role.SUPER_ADMIN), await app.create_account(shop)
    elsewhere = await app.create_shop()
    body = {"name": "Second", "email": customer.email, "password": PASSWORD, "role": "super_admin"}
    async with root.client(elsewhere) as client:
        created = await client.post("/users", json=body)
        changed = await client.put(f"/users/{root.id}", json={"email": customer.email, "current_password": PASSWORD})
    assert [(answer.status_code, answer.json()["code"]) for answer in (created, changed)] == [
        (409, "identity.email_taken")
    ] * 2
    await Account.log_in(app, shop, email=customer.email, password=PASSWORD)


async def test_a_super_admin_and_a_customer_cannot_take_an_address_at_the_same_time(
    database: Database, owner: asyncpg.Connection, shop: Tenancy
) -> None:
    await open_connections(database)
    email = f"{uuid4().hex}@example.com"

    async def take(tenant: Tenancy, role: Role) -> None:
        async with database.begin(tenant, SYSTEM) as tx:
            await identity.register(tx, name="M", email=email, password_hash="-", role=role)

    async with database.begin(PLATFORM, SYSTEM) as tx:
        await identity.register(tx, name="M", email=email, password_hash="-", role=Role.SUPER_ADMIN)
        await tx.flush()
        second = asyncio.create_task(take(shop, Role.CUSTOMER))
        await until_blocked_or_done(owner, second)
    with pytest.raises(identity.EmailTaken):
        await second


async def test_the_address_of_a_deleted_super_admin_is_free(app: App, shop: Tenancy) -> None:
    root, other = [await app.create_account(shop, Role.SUPER_ADMIN) for _ in range(2)]
    async with other.client() as client:
        assert (await client.delete(f"/users/{root.id}")).status_code == 204
    assert (await _register(app, shop, root.email)).status_code == 201


async def test_an_account_from_before_the_rule_keeps_no_super_admin_out(
    app: App, shop: Tenancy, owner: asyncpg.Connection
) -> None:
    root, squatter = await app.create_account(shop, Role.SUPER_ADMIN), await app.create_account(shop)
    await owner.execute("ALTER TABLE identity_users DISABLE TRIGGER a_changed_account_reserves_its_address")
    try:
        await owner.execute(
            "UPDATE identity_users SET email_normalised = $2 WHERE id = $1::text::uuid", squatter.id, root.email
        )
    finally:
        await owner.execute("ALTER TABLE identity_users ENABLE TRIGGER a_changed_account_reserves_its_address")
    try:
        assert (await Account.log_in(app, shop, email=root.email, password=PASSWORD)).id == root.id
    finally:
        await owner.execute(
            "UPDATE identity_users SET email_normalised = $2 WHERE id = $1::text::uuid", squatter.id, squatter.email
        )
