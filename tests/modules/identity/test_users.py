"""Accounts: who may make, see, change and close them."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import pytest

from luxewin.kit.access import SYSTEM, Role
from luxewin.kit.database import Database
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction
from luxewin.modules.identity import public as identity
from luxewin.modules.identity.errors import LastSuperAdmin
from luxewin.modules.identity.public import PLATFORM
from luxewin.modules.identity.service.change_user import delete_user, visible_user
from tests.modules.identity.door import OTHER_PASSWORD, PASSWORD, Door, Member, status_of_me, waits_or_ends, warm

BOB = {"name": "Bob", "email": "bob@example.com", "password": PASSWORD}
NOBODY = "0199a1b2-0000-7000-8000-000000000000"


async def _make(client: httpx2.AsyncClient, **change: Any) -> httpx2.Response:
    async with client:
        return await client.post("/users", json={**BOB, **change})


async def test_anybody_makes_a_customers_account_without_tokens(door: Door, shop: Tenancy) -> None:
    answer = await _make(door.client(shop))
    assert answer.status_code == 201
    assert set(answer.json()) == {"id", "name", "email", "role", "status", "created_at", "version"}
    assert answer.json()["role"] == "customer"
    await Member.logged_in(door, shop, email=BOB["email"], password=PASSWORD)


@pytest.mark.parametrize("role", ["vendor", "admin", "super_admin"])
@pytest.mark.parametrize("caller", [None, Role.CUSTOMER, Role.VENDOR])
async def test_nobody_without_rank_gives_a_role(door: Door, shop: Tenancy, role: str, caller: Role | None) -> None:
    client = door.client(shop) if caller is None else (await door.member(shop, caller)).client()
    answer = await _make(client, role=role)
    assert (answer.status_code, answer.json()["code"]) == (403, "identity.role_not_grantable")


async def test_an_admin_makes_accounts_up_to_their_rank(door: Door, shop: Tenancy) -> None:
    admin = await door.member(shop, Role.ADMIN)
    for role in ("customer", "vendor", "admin"):
        made = await _make(admin.client(), role=role, email=f"{role}@example.com")
        assert (made.status_code, made.json()["role"]) == (201, role)
    assert (await _make(admin.client(), role="super_admin")).status_code == 403
    assert (await _make(admin.client(), role="anonymous")).status_code == 400


async def test_a_super_admin_makes_another_on_the_platform(door: Door, shop: Tenancy) -> None:
    owner = await door.member(shop, Role.SUPER_ADMIN)
    email = f"second-{owner.id}@example.com"
    made = await _make(owner.client(), role="super_admin", email=email)
    assert made.status_code == 201
    second = await Member.logged_in(door, await door.open_shop(), email=email, password=PASSWORD)
    async with owner.client() as client:
        listed = (await client.get("/users", params={"role": "super_admin", "email": email})).json()["data"]
        assert [user["id"] for user in listed] == [second.id]
        assert (await client.get(f"/users/{second.id}")).json()["email"] == email


async def test_the_same_key_makes_one_account_and_tells_nothing_of_its_password(
    owner: asyncpg.Connection, door: Door, shop: Tenancy
) -> None:
    admin = await door.member(shop, Role.ADMIN)
    async with admin.client(idempotency_key="bob-1") as client:
        first, second = [await client.post("/users", json=BOB) for _ in range(2)]
        other_password = await client.post("/users", json={**BOB, "password": OTHER_PASSWORD})
        other_body = await client.post("/users", json={**BOB, "name": "Robert"})
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content == other_password.content
    assert other_body.status_code == 422
    made = "SELECT count(*) FROM identity_users WHERE tenant_id = $1 AND email = $2"
    assert await owner.fetchval(made, shop.id, BOB["email"]) == 1


async def test_a_strangers_key_opens_nobodys_answer(door: Door, shop: Tenancy) -> None:
    async with door.client(shop, idempotency_key="1") as client:
        first, second = [await client.post("/users", json=BOB) for _ in range(2)]
    assert first.status_code == 201
    assert (second.status_code, second.json()["code"]) == (409, "identity.email_taken")


async def test_staff_list_accounts_by_role_and_address_in_pages(door: Door, shop: Tenancy) -> None:
    admin = await door.member(shop, Role.ADMIN)
    customers = [await door.member(shop) for _ in range(3)]
    async with admin.client() as client:
        first = (await client.get("/users", params={"role": "customer", "limit": 2})).json()
        cursor = first["next_cursor"]
        rest = (await client.get("/users", params={"role": "customer", "limit": 2, "cursor": cursor})).json()
        found = (await client.get("/users", params={"email": customers[0].email.upper()})).json()["data"]
        everybody = (await client.get("/users")).json()["data"]
        stolen = await client.get("/users", params={"role": "vendor", "cursor": cursor})
    listed = [user["id"] for user in first["data"] + rest["data"]]
    assert listed == [customer.id for customer in reversed(customers)]
    assert rest["next_cursor"] is None
    assert [user["id"] for user in found] == [customers[0].id]
    assert len(everybody) == 4
    assert (stolen.status_code, stolen.json()["code"]) == (400, "request.invalid_cursor")


async def test_customers_list_nobody(ada: Member) -> None:
    async with ada.client() as client:
        assert (await client.get("/users")).status_code == 403


async def test_another_persons_account_is_as_unknown_as_none(door: Door, shop: Tenancy, ada: Member) -> None:
    bob = await door.member(shop)
    stranger = await door.member(await door.open_shop(), Role.ADMIN)
    for caller, id in [(ada, bob.id), (stranger, bob.id), (ada, NOBODY)]:
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


async def test_an_admin_sees_no_super_admin(door: Door, shop: Tenancy) -> None:
    owner, admin = await door.member(shop, Role.SUPER_ADMIN), await door.member(shop, Role.ADMIN)
    async with admin.client() as client:
        assert (await client.get(f"/users/{owner.id}")).status_code == 404
        assert (await client.delete(f"/users/{owner.id}")).status_code == 404
        assert (await client.get("/users", params={"role": "super_admin"})).json()["data"] == []


async def test_a_person_changes_their_name_and_with_their_password_their_address(
    door: Door, shop: Tenancy, ada: Member
) -> None:
    async with ada.client() as client:
        renamed = await client.put(f"/users/{ada.id}", json={"name": "Ada Lovelace"})
        unproved = await client.put(f"/users/{ada.id}", json={"email": "new@example.com"})
        wrong = await client.put(f"/users/{ada.id}", json={"email": "new@example.com", "current_password": "wrong"})
        proved = await client.put(f"/users/{ada.id}", json={"email": "new@example.com", "current_password": PASSWORD})
    assert renamed.json()["name"] == "Ada Lovelace"
    assert [answer.json()["code"] for answer in (unproved, wrong)] == ["identity.reauthentication_failed"] * 2
    assert (proved.status_code, proved.json()["email"], proved.json()["version"]) == (200, "new@example.com", 3)
    await Member.logged_in(door, shop, email="NEW@example.com", password=PASSWORD)


async def test_nobody_takes_an_address_that_another_has(door: Door, shop: Tenancy, ada: Member) -> None:
    bob = await door.member(shop)
    body = {"email": bob.email.upper(), "current_password": PASSWORD}
    async with ada.client() as client:
        answer = await client.put(f"/users/{ada.id}", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "identity.email_taken")


@pytest.mark.parametrize("change", [{"role": "admin"}, {"role": "super_admin"}, {"status": "suspended"}])
@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.VENDOR])
async def test_nobody_raises_themselves(door: Door, shop: Tenancy, role: Role, change: dict[str, str]) -> None:
    member = await door.member(shop, role)
    async with member.client() as client:
        answer = await client.put(f"/users/{member.id}", json=change)
        assert (answer.status_code, answer.json()["code"]) == (403, "identity.role_not_grantable")
        assert (await client.get("/auth/me")).json()["role"] == role


@pytest.mark.parametrize("change", [{"role": "customer"}, {"role": "super_admin"}, {"status": "suspended"}])
async def test_staff_neither_raise_nor_lower_themselves(door: Door, shop: Tenancy, change: dict[str, str]) -> None:
    admin = await door.member(shop, Role.ADMIN)
    async with admin.client() as client:
        assert (await client.put(f"/users/{admin.id}", json=change)).status_code == 403


async def test_nobody_becomes_a_super_admin_by_a_change(door: Door, shop: Tenancy, ada: Member) -> None:
    owner = await door.member(shop, Role.SUPER_ADMIN)
    second = await door.member(shop, Role.SUPER_ADMIN)
    async with owner.client() as client:
        assert (await client.put(f"/users/{ada.id}", json={"role": "super_admin"})).status_code == 403
        assert (await client.put(f"/users/{second.id}", json={"role": "customer"})).status_code == 403


async def test_no_row_of_a_tenant_can_be_a_super_admins(owner: asyncpg.Connection, ada: Member) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await owner.execute("UPDATE identity_users SET role = 'super_admin' WHERE id = $1::text::uuid", ada.id)


async def test_a_new_role_takes_effect_at_once_here(door: Door, shop: Tenancy, ada: Member) -> None:
    admin = await door.member(shop, Role.ADMIN)
    async with admin.client() as staff, ada.client() as client:
        assert (await client.get("/users")).status_code == 403
        assert (await staff.put(f"/users/{ada.id}", json={"role": "admin"})).status_code == 200
        assert (await client.get("/users")).status_code == 200
        assert (await staff.put(f"/users/{ada.id}", json={"role": "customer"})).status_code == 200
        assert (await client.get("/users")).status_code == 403


async def test_a_suspended_account_is_out_until_it_is_let_in_again(door: Door, shop: Tenancy, ada: Member) -> None:
    admin = await door.member(shop, Role.ADMIN)
    async with admin.client() as client:
        await client.put(f"/users/{ada.id}", json={"status": "suspended"})
    assert await status_of_me(door, shop, ada.access_token) == 401
    async with door.client(shop) as client:
        assert (await client.post("/auth/refresh", json={"refresh_token": ada.refresh_token})).status_code == 401
    async with admin.client() as client:
        await client.put(f"/users/{ada.id}", json={"status": "active"})
    await Member.logged_in(door, shop, email=ada.email, password=PASSWORD)
    assert await status_of_me(door, shop, ada.access_token) == 401


async def test_read_only_fields_are_refused(ada: Member) -> None:
    async with ada.client() as client:
        for field in ("id", "created_at", "version", "password", "password_hash", "tenant_id"):
            answer = await client.put(f"/users/{ada.id}", json={field: "x"})
            assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, f"/{field}")


async def test_an_update_of_what_has_changed_since_is_refused(ada: Member) -> None:
    async with ada.client() as client:
        tag = (await client.get(f"/users/{ada.id}")).headers["etag"]
        assert (await client.put(f"/users/{ada.id}", json={"name": "A"}, headers={"If-Match": tag})).status_code == 200
        stale = await client.put(f"/users/{ada.id}", json={"name": "B"}, headers={"If-Match": tag})
        assert stale.status_code == 412
        assert (await client.get("/auth/me")).json()["name"] == "A"


async def test_ranks_and_closures_are_audited_without_names(
    owner: asyncpg.Connection, door: Door, shop: Tenancy, ada: Member
) -> None:
    admin = await door.member(shop, Role.ADMIN)
    async with admin.client() as client:
        await client.put(f"/users/{ada.id}", json={"role": "vendor", "name": "Ada Canary"})
        await client.delete(f"/users/{ada.id}")
    rows = await owner.fetch(
        "SELECT actor, action, target, before::text || after::text AS told FROM kit_audit"
        " WHERE tenant_id = $1 AND actor <> 'system' ORDER BY at, id",
        shop.id,
    )
    assert [(row["actor"], row["action"], row["target"]) for row in rows] == [
        (f"user:{admin.id}", "identity.user_changed", ada.id),
        (f"user:{admin.id}", "identity.user_deleted", ada.id),
    ]
    assert "Canary" not in str([tuple(row) for row in rows])


async def test_a_closed_account_leaves_an_id_and_nothing_else(
    owner: asyncpg.Connection, door: Door, shop: Tenancy
) -> None:
    ada = await door.member(shop)
    await Member.logged_in(door, shop, email=ada.email, password=PASSWORD, user_agent="Canary telephone")
    async with door.client(shop) as client:
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
    async with door.client(shop) as client:
        assert (await client.post("/auth/register", json=again)).status_code == 201


async def test_the_last_super_admin_stays(
    database: Database, owner: asyncpg.Connection, door: Door, shop: Tenancy
) -> None:
    await warm(database)
    await _close_every_super_admin(owner)
    first, second = [await door.member(shop, Role.SUPER_ADMIN) for _ in range(2)]
    async with first.client() as one, second.client() as other:
        answers = await asyncio.gather(one.delete(f"/users/{first.id}"), other.delete(f"/users/{second.id}"))
    assert sorted(answer.status_code for answer in answers) == [204, 409]
    left = (first, second)[[answer.status_code for answer in answers].index(409)]
    third = await door.member(shop, Role.SUPER_ADMIN)
    async with third.client() as client:
        assert (await client.put(f"/users/{left.id}", json={"status": "suspended"})).status_code == 200
        alone = await client.delete(f"/users/{third.id}")
        assert (alone.status_code, alone.json()["code"]) == (409, "identity.last_super_admin")


async def test_who_closes_an_account_while_another_closes_the_other_waits(
    database: Database, owner: asyncpg.Connection, door: Door, shop: Tenancy
) -> None:
    await _close_every_super_admin(owner)
    ids = [UUID((await door.member(shop, Role.SUPER_ADMIN)).id) for _ in range(2)]

    async def close(tx: Transaction, user_id: UUID) -> None:
        await delete_user(tx, await visible_user(tx, user_id))
        await tx.flush()

    async with database.begin(PLATFORM, SYSTEM) as tx:
        await close(tx, ids[0])
        second = asyncio.create_task(database.run(PLATFORM, SYSTEM, lambda tx: close(tx, ids[1])))
        await waits_or_ends(owner, second)
    with pytest.raises(LastSuperAdmin):
        await second


async def test_the_first_super_admin_is_made_once_and_keeps_their_password(
    owner: asyncpg.Connection, database: Database, door: Door, shop: Tenancy
) -> None:
    await _close_every_super_admin(owner)
    made = []
    for password in (PASSWORD, OTHER_PASSWORD):
        async with database.begin(PLATFORM, SYSTEM) as tx:
            made.append(
                await identity.ensure_super_admin(tx, email="first@example.com", password=password, name="First")
            )
    assert made == [True, False]
    async with database.begin(PLATFORM, SYSTEM) as tx:
        assert await identity.super_admin_exists(tx)
    await Member.logged_in(door, shop, email="first@example.com", password=PASSWORD)


async def test_no_secret_is_stored_or_logged(
    owner: asyncpg.Connection, door: Door, shop: Tenancy, capfd: pytest.CaptureFixture[str]
) -> None:
    password, new_password = "canary in the coal mine", "canary in the gold mine"
    headers = {"idempotency_key": "one", "user_agent": "x"}
    async with door.client(shop, **headers) as client:
        body = {"name": "Cy", "email": "cy@example.com", "password": password}
        registered = (await client.post("/auth/register", json=body)).json()
        logged_in = (await client.post("/auth/login", json={"email": body["email"], "password": password})).json()
        refreshed = (await client.post("/auth/refresh", json={"refresh_token": logged_in["refresh_token"]})).json()
        other = await client.post("/users", json={**body, "email": "di@example.com"})
        assert other.status_code == 201
    change = {"current_password": password, "new_password": new_password}
    async with door.client(shop, registered["access_token"], **headers) as client:
        assert (await client.put("/auth/password", json=change)).status_code == 204
    tokens = [made[name] for made in (registered, logged_in, refreshed) for name in ("access_token", "refresh_token")]
    secrets = [password, new_password, *tokens]
    for table in await _tables(owner):
        text = await owner.fetchval(f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} t")
        for secret in secrets:
            assert secret not in text, table
            assert secret.encode().hex() not in text, table
    written = "".join(capfd.readouterr())
    assert not [secret for secret in secrets if secret in written]


async def test_no_name_and_no_address_stands_in_a_fact(owner: asyncpg.Connection, shop: Tenancy, ada: Member) -> None:
    async with ada.client() as client:
        await client.put(f"/users/{ada.id}", json={"name": "Ada Canary"})
        await client.delete(f"/users/{ada.id}")
    facts = await owner.fetch(
        "SELECT type, aggregate_version, payload::text FROM kit_outbox"
        " WHERE tenant_id = $1 AND aggregate_id = $2::text::uuid ORDER BY aggregate_version",
        shop.id,
        ada.id,
    )
    assert [(fact["type"], fact["aggregate_version"]) for fact in facts] == [
        ("identity.user_registered", 1),
        ("identity.user_changed", 2),
        ("identity.user_deleted", 3),
    ]
    told = str([fact["payload"] for fact in facts])
    assert "Canary" not in told
    assert ada.email not in told


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
