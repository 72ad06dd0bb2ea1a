"""Registration and login."""

from typing import Any

import pytest

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.identity.domain.lockout import FREE_ATTEMPTS
from luxewin.modules.identity.public import PLATFORM, Role
from tests.modules.identity.app import OTHER_PASSWORD, PASSWORD, Account, App, status_of_own_account

REGISTRATION = {"name": "Ada Byron", "email": "Ada@Example.com", "password": PASSWORD}


async def _post(app: App, shop: Tenancy, path: str, body: dict[str, Any], **headers: str) -> Any:
    async with app.client(shop, **headers) as client:
        return await client.post(path, json=body)


async def _log_in(app: App, shop: Tenancy, email: str, password: str = PASSWORD) -> Any:
    return await _post(app, shop, "/auth/login", {"email": email, "password": password})


async def test_registration_logs_in(app: App, shop: Tenancy) -> None:
    answer = await _post(app, shop, "/auth/register", REGISTRATION)
    assert answer.status_code == 201
    body = answer.json()
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == 900
    assert body["user"]["email"] == "Ada@example.com"
    assert body["user"]["role"] == "customer"
    assert answer.headers["cache-control"] == "no-store"
    async with app.client(shop, body["access_token"]) as client:
        assert (await client.get("/auth/me")).json() == body["user"]


@pytest.mark.parametrize("email", ["ada@example.com", "ADA@EXAMPLE.COM", "\uff41da@example.com"])
async def test_no_second_account_has_an_equivalent_address(app: App, shop: Tenancy, email: str) -> None:
    assert (await _post(app, shop, "/auth/register", REGISTRATION)).status_code == 201
    again = await _post(app, shop, "/auth/register", {**REGISTRATION, "email": email})
    assert (again.status_code, again.json()["code"]) == (409, "identity.email_taken")
    assert (await _log_in(app, shop, email)).json()["user"]["email"] == "Ada@example.com"


async def test_an_address_can_be_registered_in_another_tenant(app: App, shop: Tenancy) -> None:
    other_shop = await app.create_shop()
    first = await _post(app, shop, "/auth/register", REGISTRATION)
    second = await _post(app, other_shop, "/auth/register", {**REGISTRATION, "password": OTHER_PASSWORD})
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["user"]["id"] != second.json()["user"]["id"]
    assert (await _log_in(app, other_shop, "ada@example.com", PASSWORD)).status_code == 401


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"password": "password123"}, "/password"),
        ({"password": "owl &c."}, "/password"),
        ({"password": "x" * 257}, "/password"),
        ({"password": "Ada@example.com"}, "/password"),
        ({"email": "nobody"}, "/email"),
        ({"name": ""}, "/name"),
        ({"name": "Ada\r\nByron"}, "/name"),
        ({"role": "admin"}, "/role"),
        ({"id": "0199a1b2-0000-7000-8000-000000000000"}, "/id"),
    ],
)
async def test_an_invalid_registration_names_the_field(
    app: App, shop: Tenancy, change: dict[str, str], pointer: str
) -> None:
    answer = await _post(app, shop, "/auth/register", {**REGISTRATION, **change})
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert change.get("password", "?") not in answer.text


async def test_every_failed_login_has_the_same_response(database: Database, app: App, shop: Tenancy) -> None:
    active, suspended, closed = [await app.create_account(shop) for _ in range(3)]
    admin = await app.create_account(shop, Role.ADMIN)
    async with admin.client() as client:
        assert (await client.put(f"/users/{suspended.id}", json={"status": "suspended"})).status_code == 200
        assert (await client.delete(f"/users/{closed.id}")).status_code == 204
    locked = await app.create_account(shop)
    await _lock(database, shop, app, locked)
    answers = [
        await _log_in(app, shop, "nobody@example.com"),
        await _log_in(app, shop, active.email, OTHER_PASSWORD),
        await _log_in(app, shop, suspended.email),
        await _log_in(app, shop, closed.email),
        await _log_in(app, shop, locked.email),
    ]
    bodies = [{**answer.json(), "request_id": ""} for answer in answers]
    assert {answer.status_code for answer in answers} == {401}
    assert bodies == [bodies[0]] * len(bodies)
    assert bodies[0]["code"] == "identity.invalid_credentials"


async def test_an_account_is_locked_after_failures_and_unlocked_again(
    database: Database, app: App, shop: Tenancy, ada: Account
) -> None:
    await _lock(database, shop, app, ada)
    assert (await _log_in(app, shop, ada.email)).status_code == 401
    await _end_lock(database, shop)
    assert (await _log_in(app, shop, ada.email)).status_code == 200
    assert await _counted(database, shop) == []


async def test_an_unknown_address_is_locked_like_a_known_one(database: Database, app: App, shop: Tenancy) -> None:
    for _ in range(FREE_ATTEMPTS + 1):
        await _log_in(app, shop, "Nobody@example.com")
    counted = await _counted(database, shop)
    assert counted == [(FREE_ATTEMPTS + 1, True), (FREE_ATTEMPTS + 1, False)], "of this network, and of all strangers"
    await _log_in(app, shop, "nobody@EXAMPLE.com")
    assert await _counted(database, shop) == counted, "no attempt is counted while the address is locked"


async def test_each_further_failure_doubles_the_lock(database: Database, app: App, shop: Tenancy, ada: Account) -> None:
    locks = []
    for _ in range(FREE_ATTEMPTS + 4):
        await _log_in(app, shop, ada.email, OTHER_PASSWORD)
        locks.append(await _lock_seconds(database, shop))
        await _end_lock(database, shop)
    assert locks == [0, 0, 0, 0, 1, 2, 4, 8]


async def test_a_user_can_list_the_security_events_of_their_account(app: App, shop: Tenancy, ada: Account) -> None:
    await _log_in(app, shop, ada.email, OTHER_PASSWORD)
    await Account.log_in(app, shop, email=ada.email, password=PASSWORD, user_agent="A new telephone")
    async with ada.client() as client:
        listed = (await client.get("/auth/security-events")).json()["data"]
    assert [event["kind"] for event in listed] == ["new_device", "login_failed"]
    assert listed[0]["user_agent"] == "A new telephone"


async def test_a_device_that_was_used_before_is_not_new(app: App, shop: Tenancy, ada: Account) -> None:
    await Account.log_in(app, shop, email=ada.email, password=PASSWORD)
    async with ada.client() as client:
        assert (await client.get("/auth/security-events")).json()["data"] == []


async def test_a_super_admin_logs_in_from_every_tenant_and_is_valid_in_all(app: App, shop: Tenancy) -> None:
    owner = await app.create_account(shop, Role.SUPER_ADMIN)
    other_shop = await app.create_shop()
    again = await Account.log_in(app, other_shop, email=owner.email, password=PASSWORD)
    for token in (owner.access_token, again.access_token):
        assert await status_of_own_account(app, shop, token) == 200
        assert await status_of_own_account(app, other_shop, token) == 200
    async with again.client(shop) as client:
        assert (await client.get("/auth/me")).json()["role"] == "super_admin"


async def test_nobody_can_register_a_super_admins_address(app: App, shop: Tenancy) -> None:
    owner = await app.create_account(shop, Role.SUPER_ADMIN)
    body = {"name": "Mallory", "email": owner.email.upper(), "password": PASSWORD}
    assert (await _post(app, shop, "/auth/register", body)).status_code == 409
    assert (await _post(app, shop, "/users", body)).status_code == 409


async def test_a_token_is_bound_to_its_tenant(app: App, ada: Account) -> None:
    other_shop = await app.create_shop()
    assert await status_of_own_account(app, other_shop, ada.access_token) == 403


async def test_an_account_cannot_log_in_to_another_tenant(app: App, ada: Account) -> None:
    other_shop = await app.create_shop()
    assert (await _log_in(app, other_shop, ada.email)).status_code == 401


async def test_the_platform_is_not_served(app: App) -> None:
    assert (await _post(app, PLATFORM, "/auth/register", REGISTRATION)).status_code == 404


async def _lock(database: Database, shop: Tenancy, app: App, account: Account) -> None:
    for _ in range(FREE_ATTEMPTS):
        await _log_in(app, shop, account.email, OTHER_PASSWORD)
    async with database.begin(shop, SYSTEM) as tx:
        await tx.fetchval("UPDATE identity_failures SET locked_until = now() + interval '1 hour' RETURNING 1")


async def _end_lock(database: Database, shop: Tenancy) -> None:
    async with database.begin(shop, SYSTEM) as tx:
        await tx.fetch("UPDATE identity_failures SET locked_until = now() RETURNING 1")


async def _lock_seconds(database: Database, shop: Tenancy) -> int:
    async with database.begin(shop, SYSTEM) as tx:
        found = await tx.fetchval("SELECT extract(epoch FROM locked_until - last_at)::int FROM identity_failures")
    return found or 0


async def _counted(database: Database, shop: Tenancy) -> list[tuple[int, bool]]:
    async with database.begin(shop, SYSTEM) as tx:
        rows = await tx.fetch(
            "SELECT failed, coalesce(locked_until > now(), false) AS locked FROM identity_failures ORDER BY 2 DESC"
        )
    return [(row["failed"], row["locked"]) for row in rows]
