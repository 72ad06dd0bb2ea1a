"""Registering and logging in."""

from typing import Any

import pytest

from luxewin.kit.access import SYSTEM, Role
from luxewin.kit.database import Database
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.identity.domain.lockout import FREE_ATTEMPTS
from luxewin.modules.identity.public import PLATFORM
from tests.modules.identity.door import OTHER_PASSWORD, PASSWORD, Door, Member, status_of_me

REGISTRATION = {"name": "Ada Byron", "email": "Ada@Example.com", "password": PASSWORD}


async def _post(door: Door, shop: Tenancy, path: str, body: dict[str, Any], **headers: str) -> Any:
    async with door.client(shop, **headers) as client:
        return await client.post(path, json=body)


async def _log_in(door: Door, shop: Tenancy, email: str, password: str = PASSWORD) -> Any:
    return await _post(door, shop, "/auth/login", {"email": email, "password": password})


async def test_whoever_registers_is_logged_in(door: Door, shop: Tenancy) -> None:
    answer = await _post(door, shop, "/auth/register", REGISTRATION)
    assert answer.status_code == 201
    body = answer.json()
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == 900
    assert body["user"]["email"] == "Ada@example.com"
    assert body["user"]["role"] == "customer"
    assert answer.headers["cache-control"] == "no-store"
    async with door.client(shop, body["access_token"]) as client:
        assert (await client.get("/auth/me")).json() == body["user"]


@pytest.mark.parametrize("email", ["ada@example.com", "ADA@EXAMPLE.COM", "\uff41da@example.com"])
async def test_no_second_account_has_an_address_that_reads_the_same(door: Door, shop: Tenancy, email: str) -> None:
    assert (await _post(door, shop, "/auth/register", REGISTRATION)).status_code == 201
    again = await _post(door, shop, "/auth/register", {**REGISTRATION, "email": email})
    assert (again.status_code, again.json()["code"]) == (409, "identity.email_taken")
    assert (await _log_in(door, shop, email)).json()["user"]["email"] == "Ada@example.com"


async def test_an_address_is_free_in_another_tenant(door: Door, shop: Tenancy) -> None:
    elsewhere = await door.open_shop()
    first = await _post(door, shop, "/auth/register", REGISTRATION)
    second = await _post(door, elsewhere, "/auth/register", {**REGISTRATION, "password": OTHER_PASSWORD})
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["user"]["id"] != second.json()["user"]["id"]
    assert (await _log_in(door, elsewhere, "ada@example.com", PASSWORD)).status_code == 401


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
async def test_a_registration_that_cannot_stand_says_where(
    door: Door, shop: Tenancy, change: dict[str, str], pointer: str
) -> None:
    answer = await _post(door, shop, "/auth/register", {**REGISTRATION, **change})
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert change.get("password", "?") not in answer.text


async def test_every_failed_login_reads_the_same(database: Database, door: Door, shop: Tenancy) -> None:
    known, suspended, closed = [await door.member(shop) for _ in range(3)]
    admin = await door.member(shop, Role.ADMIN)
    async with admin.client() as client:
        assert (await client.put(f"/users/{suspended.id}", json={"status": "suspended"})).status_code == 200
        assert (await client.delete(f"/users/{closed.id}")).status_code == 204
    locked = await door.member(shop)
    await _lock(database, shop, door, locked)
    answers = [
        await _log_in(door, shop, "nobody@example.com"),
        await _log_in(door, shop, known.email, OTHER_PASSWORD),
        await _log_in(door, shop, suspended.email),
        await _log_in(door, shop, closed.email),
        await _log_in(door, shop, locked.email),
    ]
    bodies = [{**answer.json(), "request_id": ""} for answer in answers]
    assert {answer.status_code for answer in answers} == {401}
    assert bodies == [bodies[0]] * len(bodies)
    assert bodies[0]["code"] == "identity.invalid_credentials"


async def test_an_account_rests_after_failures_and_wakes_again(
    database: Database, door: Door, shop: Tenancy, ada: Member
) -> None:
    await _lock(database, shop, door, ada)
    assert (await _log_in(door, shop, ada.email)).status_code == 401
    await _end_rest(database, shop)
    assert (await _log_in(door, shop, ada.email)).status_code == 200
    assert await _counted(database, shop) == []


async def test_a_rest_is_counted_for_an_unknown_address_as_for_a_known_one(
    database: Database, door: Door, shop: Tenancy
) -> None:
    for _ in range(FREE_ATTEMPTS + 1):
        await _log_in(door, shop, "Nobody@example.com")
    assert await _counted(database, shop) == [(FREE_ATTEMPTS + 1, True)]
    await _log_in(door, shop, "nobody@EXAMPLE.com")
    assert await _counted(database, shop) == [(FREE_ATTEMPTS + 1, True)], "while it rests, nothing is counted"


async def test_each_further_failure_doubles_the_rest(
    database: Database, door: Door, shop: Tenancy, ada: Member
) -> None:
    rests = []
    for _ in range(FREE_ATTEMPTS + 4):
        await _log_in(door, shop, ada.email, OTHER_PASSWORD)
        rests.append(await _rest_seconds(database, shop))
        await _end_rest(database, shop)
    assert rests == [0, 0, 0, 0, 1, 2, 4, 8]


async def test_an_owner_sees_what_happened_around_their_account(door: Door, shop: Tenancy, ada: Member) -> None:
    await _log_in(door, shop, ada.email, OTHER_PASSWORD)
    await Member.logged_in(door, shop, email=ada.email, password=PASSWORD, user_agent="A new telephone")
    async with ada.client() as client:
        listed = (await client.get("/auth/security-events")).json()["data"]
    assert [event["kind"] for event in listed] == ["new_device", "login_failed"]
    assert listed[0]["user_agent"] == "A new telephone"


async def test_a_device_seen_before_is_not_new(door: Door, shop: Tenancy, ada: Member) -> None:
    await Member.logged_in(door, shop, email=ada.email, password=PASSWORD)
    async with ada.client() as client:
        assert (await client.get("/auth/security-events")).json()["data"] == []


async def test_a_super_admin_logs_in_from_every_tenant_and_is_valid_in_all(door: Door, shop: Tenancy) -> None:
    owner = await door.member(shop, Role.SUPER_ADMIN)
    elsewhere = await door.open_shop()
    again = await Member.logged_in(door, elsewhere, email=owner.email, password=PASSWORD)
    for token in (owner.access_token, again.access_token):
        assert await status_of_me(door, shop, token) == 200
        assert await status_of_me(door, elsewhere, token) == 200
    async with again.client(shop) as client:
        assert (await client.get("/auth/me")).json()["role"] == "super_admin"


async def test_nobody_squats_on_a_super_admins_address(door: Door, shop: Tenancy) -> None:
    owner = await door.member(shop, Role.SUPER_ADMIN)
    body = {"name": "Mallory", "email": owner.email.upper(), "password": PASSWORD}
    assert (await _post(door, shop, "/auth/register", body)).status_code == 409
    assert (await _post(door, shop, "/users", body)).status_code == 409


async def test_a_token_is_bound_to_its_tenant(door: Door, ada: Member) -> None:
    elsewhere = await door.open_shop()
    assert await status_of_me(door, elsewhere, ada.access_token) == 403


async def test_an_account_of_one_tenant_is_none_of_another(door: Door, ada: Member) -> None:
    elsewhere = await door.open_shop()
    assert (await _log_in(door, elsewhere, ada.email)).status_code == 401


async def test_the_platform_is_served_under_no_name(door: Door) -> None:
    assert (await _post(door, PLATFORM, "/auth/register", REGISTRATION)).status_code == 404


async def test_a_rehearsed_registration_leaves_nothing(door: Door, shop: Tenancy) -> None:
    rehearsed = await _post(door, shop, "/auth/register", REGISTRATION, prefer="dry-run")
    assert rehearsed.status_code == 201
    assert await status_of_me(door, shop, rehearsed.json()["access_token"]) == 401
    assert (await _post(door, shop, "/auth/register", REGISTRATION)).status_code == 201


async def test_a_rehearsed_login_is_counted_when_it_fails(database: Database, door: Door, shop: Tenancy) -> None:
    body = {"email": "ada@example.com", "password": PASSWORD}
    await _post(door, shop, "/auth/login", body, prefer="dry-run")
    assert await _counted(database, shop) == [(1, False)]


async def _lock(database: Database, shop: Tenancy, door: Door, member: Member) -> None:
    for _ in range(FREE_ATTEMPTS):
        await _log_in(door, shop, member.email, OTHER_PASSWORD)
    async with database.begin(shop, SYSTEM) as tx:
        await tx.fetchval("UPDATE identity_attempts SET locked_until = now() + interval '1 hour' RETURNING 1")


async def _end_rest(database: Database, shop: Tenancy) -> None:
    async with database.begin(shop, SYSTEM) as tx:
        await tx.fetch("UPDATE identity_attempts SET locked_until = now() RETURNING 1")


async def _rest_seconds(database: Database, shop: Tenancy) -> int:
    async with database.begin(shop, SYSTEM) as tx:
        found = await tx.fetchval("SELECT extract(epoch FROM locked_until - last_at)::int FROM identity_attempts")
    return found or 0


async def _counted(database: Database, shop: Tenancy) -> list[tuple[int, bool]]:
    async with database.begin(shop, SYSTEM) as tx:
        rows = await tx.fetch("SELECT failed, coalesce(locked_until > now(), false) AS rests FROM identity_attempts")
    return [(row["failed"], row["rests"]) for row in rows]
