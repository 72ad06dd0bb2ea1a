"""Accounts: the permissions to create, read, change and delete them."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import pytest

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction
from luxewin.modules.identity import public as identity
from luxewin.modules.identity.errors import LastSuperAdmin
from luxewin.modules.identity.public import PLATFORM, Role
from luxewin.modules.identity.service.change_user import delete_user, visible_user
from tests.modules.identity.app import (
    OTHER_PASSWORD,
    PASSWORD,
    Account,
    App,
    open_connections,
    status_of_own_account,
    until_blocked_or_done,
)

BOB = {"name": "Bob", "email": "bob@example.com", "password": PASSWORD}
NOBODY = "0199a1b2-0000-7000-8000-000000000000"


async def _create(client: httpx2.AsyncClient, **change: Any) -> httpx2.Response:
    async with client:
        return await client.post("/users", json={**BOB, **change})


async def test_anybody_can_create_a_customers_account(app: App, shop: Tenancy) -> None:
    answer = await _create(app.client(shop))
    assert answer.status_code == 201
    assert set(answer.json()) == {"id", "name", "email", "role", "status", "created_at", "version"}
    assert answer.json()["role"] == "customer"
    await Account.log_in(app, shop, email=BOB["email"], password=PASSWORD)


@pytest.mark.parametrize("role", ["vendor", "admin", "super_admin"])
@pytest.mark.parametrize("caller", [None, Role.CUSTOMER, Role.VENDOR])
async def test_only_staff_can_grant_a_role(app: App, shop: Tenancy, role: str, caller: Role | None) -> None:
    client = app.client(shop) if caller is None else (await app.create_account(shop, caller)).client()
    answer = await _create(client, role=role)
    assert (answer.status_code, answer.json()["code"]) == (403, "identity.role_not_grantable")


async def test_an_admin_creates_accounts_up_to_their_own_role(app: App, shop: Tenancy) -> None:
    admin = await app.create_account(shop, Role.ADMIN)
    for role in ("customer", "vendor", "admin"):
        created = await _create(admin.client(), role=role, email=f"{role}@example.com")
        assert (created.status_code, created.json()["role"]) == (201, role)
    assert (await _create(admin.client(), role="super_admin")).status_code == 403
    assert (await _create(admin.client(), role="anonymous")).status_code == 400


async def test_a_super_admin_creates_another_on_the_platform(app: App, shop: Tenancy) -> None:
    owner = await app.create_account(shop, Role.SUPER_ADMIN)
    email = f"second-{owner.id}@example.com"
    created = await _create(owner.client(), role="super_admin", email=email)
    assert created.status_code == 201
    second = await Account.log_in(app, await app.create_shop(), email=email, password=PASSWORD)
    async with owner.client() as client:
        listed = (await client.get("/users", params={"role": "super_admin", "email": email})).json()["data"]
        assert [user["id"] for user in listed] == [second.id]
        assert (await client.get(f"/users/{second.id}")).json()["email"] == email


async def test_one_key_creates_one_account_and_reveals_nothing_about_its_password(
    owner: asyncpg.Connection, app: App, shop: Tenancy
) -> None:
    admin = await app.create_account(shop, Role.ADMIN)
    async with admin.client(idempotency_key="bob-1") as client:
        first, second = [await client.post("/users", json=BOB) for _ in range(2)]
        other_password = await client.post("/users", json={**BOB, "password": OTHER_PASSWORD})
        other_body = await client.post("/users", json={**BOB, "name": "Robert"})
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content == other_password.content
    assert other_body.status_code == 422
    count = "SELECT count(*) FROM identity_users WHERE tenant_id = $1 AND email = $2"
    assert await owner.fetchval(count, shop.id, BOB["email"]) == 1


async def test_an_anonymous_key_returns_no_stored_response(app: App, shop: Tenancy) -> None:
    async with app.client(shop, idempotency_key="1") as client:
        first, second = [await client.post("/users", json=BOB) for _ in range(2)]
    assert first.status_code == 201
    assert (second.status_code, second.json()["code"]) == (409, "identity.email_taken")


async def test_staff_list_accounts_by_role_and_address_in_pages(app: App, shop: Tenancy) -> None:
    admin = await app.create_account(shop, Role.ADMIN)
    customers = [await app.create_account(shop) for _ in range(3)]
    async with admin.client() as client:
        first = (await client.get("/users", params={"role": "customer", "limit": 2})).json()
        cursor = first["next_cursor"]
        second = (await client.get("/users", params={"role": "customer", "limit": 2, "cursor": cursor})).json()
        found = (await client.get("/users", params={"email": customers[0].email.upper()})).json()["data"]
        everybody = (await client.get("/users")).json()["data"]
        of_another_list = await client.get("/users", params={"role": "vendor", "cursor": cursor})
    listed = [user["id"] for user in first["data"] + second["data"]]
    assert listed == [customer.id for customer in reversed(customers)]
    assert second["next_cursor"] is None
    assert [user["id"] for user in found] == [customers[0].id]
    assert len(everybody) == 4
    assert (of_another_list.status_code, of_another_list.json()["code"]) == (400, "request.invalid_cursor")


async def test_customers_cannot_list_accounts(ada: Account) -> None:
    async with ada.client() as client:
        assert (await client.get("/users")).status_code == 403


async def test_another_users_account_is_not_found(app: App, shop: Tenancy, ada: Account) -> None:
    bob = await app.create_account(shop)
    admin_elsewhere = await app.create_account(await app.create_shop(), Role.ADMIN)
    for caller, id in [(ada, bob.id), (admin_elsewhere, bob.id), (ada, NOBODY)]:
        async with caller.client() as client:
            answers = [
                await client.get(f"/users/{id}"),
                await client.put(f"/users/{id}", json={"name": "Mallory"}),
                await client.delete(f"/users/{id}"),
            ]
        assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
            (404, "identity.user_unknown")
        ] * 3
    async with bob.client() as client:
        assert (await client.get("/auth/me")).json()["name"] == "Ada"


async def test_an_admin_sees_no_super_admin(app: App, shop: Tenancy) -> None:
    owner, admin = await app.create_account(shop, Role.SUPER_ADMIN), await app.create_account(shop, Role.ADMIN)
    async with admin.client() as client:
        assert (await client.get(f"/users/{owner.id}")).status_code == 404
        assert (await client.delete(f"/users/{owner.id}")).status_code == 404
        assert (await client.get("/users", params={"role": "super_admin"})).json()["data"] == []


async def test_a_user_changes_their_name_and_with_their_password_their_address(
    app: App, shop: Tenancy, ada: Account
) -> None:
    async with ada.client() as client:
        renamed = await client.put(f"/users/{ada.id}", json={"name": "Ada Lovelace"})
        without_password = await client.put(f"/users/{ada.id}", json={"email": "new@example.com"})
        wrong = await client.put(f"/users/{ada.id}", json={"email": "new@example.com", "current_password": "wrong"})
        with_password = await client.put(
            f"/users/{ada.id}", json={"email": "new@example.com", "current_password": PASSWORD}
        )
    assert renamed.json()["name"] == "Ada Lovelace"
    assert [answer.json()["code"] for answer in (without_password, wrong)] == ["identity.reauthentication_failed"] * 2
    assert (with_password.status_code, with_password.json()["email"], with_password.json()["version"]) == (
        200,
        "new@example.com",
        3,
    )
    await Account.log_in(app, shop, email="NEW@example.com", password=PASSWORD)


async def test_an_address_of_another_account_is_refused(app: App, shop: Tenancy, ada: Account) -> None:
    bob = await app.create_account(shop)
    body = {"email": bob.email.upper(), "current_password": PASSWORD}
    async with ada.client() as client:
        answer = await client.put(f"/users/{ada.id}", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "identity.email_taken")


@pytest.mark.parametrize("change", [{"role": "admin"}, {"role": "super_admin"}, {"status": "suspended"}])
@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.VENDOR])
async def test_nobody_changes_their_own_role_or_status(
    app: App, shop: Tenancy, role: Role, change: dict[str, str]
) -> None:
    account = await app.create_account(shop, role)
    async with account.client() as client:
        answer = await client.put(f"/users/{account.id}", json=change)
        assert (answer.status_code, answer.json()["code"]) == (403, "identity.role_not_grantable")
        assert (await client.get("/auth/me")).json()["role"] == role


@pytest.mark.parametrize("change", [{"role": "customer"}, {"role": "super_admin"}, {"status": "suspended"}])
async def test_staff_cannot_change_their_own_role_or_status(app: App, shop: Tenancy, change: dict[str, str]) -> None:
    admin = await app.create_account(shop, Role.ADMIN)
    async with admin.client() as client:
        assert (await client.put(f"/users/{admin.id}", json=change)).status_code == 403


async def test_no_role_can_be_changed_to_or_from_super_admin(app: App, shop: Tenancy, ada: Account) -> None:
    owner = await app.create_account(shop, Role.SUPER_ADMIN)
    second = await app.create_account(shop, Role.SUPER_ADMIN)
    async with owner.client() as client:
        assert (await client.put(f"/users/{ada.id}", json={"role": "super_admin"})).status_code == 403
        assert (await client.put(f"/users/{second.id}", json={"role": "customer"})).status_code == 403


async def test_no_account_of_a_tenant_can_be_a_super_admin(owner: asyncpg.Connection, ada: Account) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await owner.execute("UPDATE identity_users SET role = 'super_admin' WHERE id = $1::text::uuid", ada.id)


async def test_a_new_role_takes_effect_at_once_in_the_same_process(app: App, shop: Tenancy, ada: Account) -> None:
    admin = await app.create_account(shop, Role.ADMIN)
    async with admin.client() as staff, ada.client() as client:
        assert (await client.get("/users")).status_code == 403
        assert (await staff.put(f"/users/{ada.id}", json={"role": "admin"})).status_code == 200
        assert (await client.get("/users")).status_code == 200
        assert (await staff.put(f"/users/{ada.id}", json={"role": "customer"})).status_code == 200
        assert (await client.get("/users")).status_code == 403


async def test_a_suspended_account_cannot_log_in_until_it_is_active_again(
    app: App, shop: Tenancy, ada: Account
) -> None:
    admin = await app.create_account(shop, Role.ADMIN)
    async with admin.client() as client:
        await client.put(f"/users/{ada.id}", json={"status": "suspended"})
    assert await status_of_own_account(app, shop, ada.access_token) == 401
    async with app.client(shop) as client:
        assert (await client.post("/auth/refresh", json={"refresh_token": ada.refresh_token})).status_code == 401
    async with admin.client() as client:
        await client.put(f"/users/{ada.id}", json={"status": "active"})
    await Account.log_in(app, shop, email=ada.email, password=PASSWORD)
    assert await status_of_own_account(app, shop, ada.access_token) == 401


async def test_read_only_fields_are_refused(ada: Account) -> None:
    async with ada.client() as client:
        for field in ("id", "created_at", "version", "password", "password_hash", "tenant_id"):
            answer = await client.put(f"/users/{ada.id}", json={field: "x"})
            assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, f"/{field}")


async def test_an_update_of_an_outdated_version_is_refused(ada: Account) -> None:
    async with ada.client() as client:
        tag = (await client.get(f"/users/{ada.id}")).headers["etag"]
        assert (await client.put(f"/users/{ada.id}", json={"name": "A"}, headers={"If-Match": tag})).status_code == 200
        stale = await client.put(f"/users/{ada.id}", json={"name": "B"}, headers={"If-Match": tag})
        assert stale.status_code == 412
        assert (await client.get("/auth/me")).json()["name"] == "A"


async def test_role_changes_and_deletions_are_audited_without_names(
    owner: asyncpg.Connection, app: App, shop: Tenancy, ada: Account
) -> None:
    admin = await app.create_account(shop, Role.ADMIN)
    async with admin.client() as client:
        await client.put(f"/users/{ada.id}", json={"role": "vendor", "name": "Ada Canary"})
        await client.delete(f"/users/{ada.id}")
    rows = await owner.fetch(
        "SELECT actor, action, target, before::text || after::text AS changes FROM kit_audit"
        " WHERE tenant_id = $1 AND actor <> 'system' ORDER BY at, id",
        shop.id,
    )
    assert [(row["actor"], row["action"], row["target"]) for row in rows] == [
        (f"user:{admin.id}", "identity.user_changed", ada.id),
        (f"user:{admin.id}", "identity.user_deleted", ada.id),
    ]
    assert "Canary" not in str([tuple(row) for row in rows])


async def test_a_deleted_account_leaves_only_its_id(owner: asyncpg.Connection, app: App, shop: Tenancy) -> None:
    ada = await app.create_account(shop)
    await Account.log_in(app, shop, email=ada.email, password=PASSWORD, user_agent="Canary telephone")
    async with app.client(shop) as client:
        await client.post("/auth/login", json={"email": ada.email, "password": OTHER_PASSWORD})
    async with ada.client() as client:
        assert (await client.delete(f"/users/{ada.id}")).status_code == 204
        assert (await client.get("/auth/me")).status_code == 401
    for table in await _tables(owner):
        text = await owner.fetchval(f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} t")
        assert ada.email not in text, table
        assert "Canary telephone" not in text, table
    row = await owner.fetchrow("SELECT * FROM identity_users WHERE id = $1::text::uuid", ada.id)
    assert row is not None
    assert (row["status"], row["name"]) == ("deleted", "Deleted user")
    again = {"name": "Ada", "email": ada.email, "password": PASSWORD}
    async with app.client(shop) as client:
        assert (await client.post("/auth/register", json=again)).status_code == 201


async def test_the_last_super_admin_cannot_be_deleted_or_suspended(
    database: Database, owner: asyncpg.Connection, app: App, shop: Tenancy
) -> None:
    await open_connections(database)
    await _close_every_super_admin(owner)
    first, second = [await app.create_account(shop, Role.SUPER_ADMIN) for _ in range(2)]
    async with first.client() as one, second.client() as other:
        answers = await asyncio.gather(one.delete(f"/users/{first.id}"), other.delete(f"/users/{second.id}"))
    assert sorted(answer.status_code for answer in answers) == [204, 409]
    left = (first, second)[[answer.status_code for answer in answers].index(409)]
    third = await app.create_account(shop, Role.SUPER_ADMIN)
    async with third.client() as client:
        assert (await client.put(f"/users/{left.id}", json={"status": "suspended"})).status_code == 200
        alone = await client.delete(f"/users/{third.id}")
        assert (alone.status_code, alone.json()["code"]) == (409, "identity.last_super_admin")


async def test_concurrent_deletions_of_super_admins_wait_for_each_other(
    database: Database, owner: asyncpg.Connection, app: App, shop: Tenancy
) -> None:
    await _close_every_super_admin(owner)
    ids = [UUID((await app.create_account(shop, Role.SUPER_ADMIN)).id) for _ in range(2)]

    async def close(tx: Transaction, user_id: UUID) -> None:
        await delete_user(tx, await visible_user(tx, user_id))
        await tx.flush()

    async with database.begin(PLATFORM, SYSTEM) as tx:
        await close(tx, ids[0])
        second = asyncio.create_task(database.run(PLATFORM, SYSTEM, lambda tx: close(tx, ids[1])))
        await until_blocked_or_done(owner, second)
    with pytest.raises(LastSuperAdmin):
        await second


async def test_the_first_super_admin_is_created_once_and_its_password_is_not_replaced(
    owner: asyncpg.Connection, database: Database, app: App, shop: Tenancy
) -> None:
    await _close_every_super_admin(owner)
    created = []
    for password in (PASSWORD, OTHER_PASSWORD):
        async with database.begin(PLATFORM, SYSTEM) as tx:
            created.append(
                await identity.ensure_super_admin(tx, email="first@example.com", password=password, name="First")
            )
    assert created == [True, False]
    async with database.begin(PLATFORM, SYSTEM) as tx:
        assert await identity.super_admin_exists(tx)
    await Account.log_in(app, shop, email="first@example.com", password=PASSWORD)


async def test_no_secret_is_stored_or_logged(
    owner: asyncpg.Connection, app: App, shop: Tenancy, capfd: pytest.CaptureFixture[str]
) -> None:
    password, new_password = "canary in the coal mine", "canary in the gold mine"
    headers = {"idempotency_key": "one", "user_agent": "x"}
    async with app.client(shop, **headers) as client:
        body = {"name": "Cy", "email": "cy@example.com", "password": password}
        registered = (await client.post("/auth/register", json=body)).json()
        logged_in = (await client.post("/auth/login", json={"email": body["email"], "password": password})).json()
        refreshed = (await client.post("/auth/refresh", json={"refresh_token": logged_in["refresh_token"]})).json()
        other = await client.post("/users", json={**body, "email": "di@example.com"})
        assert other.status_code == 201
    change = {"current_password": password, "new_password": new_password}
    async with app.client(shop, registered["access_token"], **headers) as client:
        assert (await client.put("/auth/password", json=change)).status_code == 204
    tokens = [body[name] for body in (registered, logged_in, refreshed) for name in ("access_token", "refresh_token")]
    secrets = [password, new_password, *tokens]
    for table in await _tables(owner):
        text = await owner.fetchval(f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} t")
        for secret in secrets:
            assert secret not in text, table
            assert secret.encode().hex() not in text, table
    written = "".join(capfd.readouterr())
    assert not [secret for secret in secrets if secret in written]


async def test_no_event_contains_a_name_or_an_address(owner: asyncpg.Connection, shop: Tenancy, ada: Account) -> None:
    async with ada.client() as client:
        await client.put(f"/users/{ada.id}", json={"name": "Ada Canary"})
        await client.delete(f"/users/{ada.id}")
    events = await owner.fetch(
        "SELECT type, aggregate_version, payload::text FROM kit_outbox"
        " WHERE tenant_id = $1 AND aggregate_id = $2::text::uuid ORDER BY aggregate_version",
        shop.id,
        ada.id,
    )
    assert [(event["type"], event["aggregate_version"]) for event in events] == [
        ("identity.user_registered", 1),
        ("identity.user_changed", 2),
        ("identity.user_deleted", 3),
    ]
    payloads = str([event["payload"] for event in events])
    assert "Canary" not in payloads
    assert ada.email not in payloads


async def _tables(owner: asyncpg.Connection) -> list[str]:
    rows = await owner.fetch(
        "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) AS name FROM pg_tables"
        " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
    )
    return [row["name"] for row in rows]


async def _close_every_super_admin(owner: asyncpg.Connection) -> None:
    await owner.execute(
        "UPDATE identity_users SET status = 'deleted', email_normalised = id::text, email = id::text"
        " WHERE tenant_id = $1",
        PLATFORM.id,
    )
