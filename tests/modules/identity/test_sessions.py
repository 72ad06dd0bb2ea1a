"""Refresh tokens, logouts, sessions on several devices."""

import asyncio
import base64
import hashlib
import time
from collections.abc import AsyncIterator

import asyncpg
import httpx2
import pytest

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.invariants import violations
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.identity import public as identity
from luxewin.modules.identity.domain.sessions import Device
from luxewin.modules.identity.public import Role
from luxewin.modules.identity.service import authenticator
from luxewin.modules.payments.public import Gateways
from tests.modules.identity.app import (
    OTHER_PASSWORD,
    PASSWORD,
    Account,
    App,
    open_connections,
    status_of_own_account,
)

DEVICE = Device("203.0.113.7", "A telephone")


@pytest.fixture
async def other_app(database: Database) -> AsyncIterator[App]:
    """Another process on the same database."""
    opened = App(database, gateways=Gateways({}))
    yield opened
    opened.passwords.close()


@pytest.fixture(autouse=True)
async def invariants_hold(database: Database) -> AsyncIterator[None]:
    """The invariants of sessions hold after each of these tests."""
    yield
    assert await violations(database, identity.INVARIANTS) == []


async def _refresh(app: App, shop: Tenancy, token: str, **headers: str) -> httpx2.Response:
    async with app.client(shop, **headers) as client:
        return await client.post("/auth/refresh", json={"refresh_token": token})


async def test_a_refresh_returns_new_tokens_for_the_same_session(app: App, shop: Tenancy, ada: Account) -> None:
    answer = await _refresh(app, shop, ada.refresh_token)
    assert answer.status_code == 200
    body = answer.json()
    assert body["user"]["id"] == ada.id
    assert body["refresh_token"] != ada.refresh_token
    assert body["access_token"] != ada.access_token
    assert await status_of_own_account(app, shop, body["access_token"]) == 200
    async with ada.client() as client:
        assert len((await client.get("/auth/sessions")).json()["data"]) == 1


async def test_a_refresh_token_used_a_moment_ago_gives_the_same_successor(
    app: App, other_app: App, shop: Tenancy, ada: Account
) -> None:
    first = (await _refresh(app, shop, ada.refresh_token)).json()
    again = await _refresh(other_app, shop, ada.refresh_token)
    assert again.status_code == 200
    assert again.json()["refresh_token"] == first["refresh_token"]
    assert await status_of_own_account(app, shop, again.json()["access_token"]) == 200
    second = (await _refresh(app, shop, first["refresh_token"])).json()
    assert (await _refresh(app, shop, ada.refresh_token)).json()["refresh_token"] == second["refresh_token"]
    async with ada.client() as client:
        assert len((await client.get("/auth/sessions")).json()["data"]) == 1


async def test_reuse_of_a_refresh_token_ends_its_session(
    owner: asyncpg.Connection, app: App, shop: Tenancy, ada: Account
) -> None:
    second = (await _refresh(app, shop, ada.refresh_token)).json()
    await owner.execute(
        "UPDATE identity_refresh_tokens SET used_at = used_at - interval '10 s' WHERE tenant_id = $1", shop.id
    )
    reused = await _refresh(app, shop, ada.refresh_token)
    assert (reused.status_code, reused.json()["code"]) == (401, "identity.invalid_refresh_token")
    assert (await _refresh(app, shop, second["refresh_token"])).status_code == 401
    assert await status_of_own_account(app, shop, second["access_token"]) == 401
    other = await Account.log_in(app, shop, email=ada.email, password=PASSWORD)
    async with other.client() as client:
        kinds = [event["kind"] for event in (await client.get("/auth/security-events")).json()["data"]]
    assert kinds == ["refresh_token_reused"]


async def test_a_chain_of_refreshes_leaves_one_live_token(
    database: Database, app: App, shop: Tenancy, ada: Account
) -> None:
    token = ada.refresh_token
    for _ in range(5):
        token = (await _refresh(app, shop, token)).json()["refresh_token"]
    async with database.begin(shop, SYSTEM) as tx:
        rows = await tx.fetch("SELECT status, count(*)::int AS n FROM identity_refresh_tokens GROUP BY 1 ORDER BY 1")
    assert [tuple(row) for row in rows] == [("live", 1), ("used", 5)]


@pytest.mark.parametrize("token", ["x", "A" * 43, "not\u00e9", "../../etc"])
async def test_an_unknown_refresh_token_is_refused(app: App, shop: Tenancy, token: str) -> None:
    assert (await _refresh(app, shop, token)).status_code == 401


async def test_a_refresh_token_is_valid_in_its_own_tenant_only(app: App, shop: Tenancy, ada: Account) -> None:
    other_shop = await app.create_shop()
    assert (await _refresh(app, other_shop, ada.refresh_token)).status_code == 401
    assert (await _refresh(app, shop, ada.refresh_token)).status_code == 200


async def test_a_super_admin_refreshes_from_every_tenant(app: App, shop: Tenancy) -> None:
    owner = await app.create_account(shop, Role.SUPER_ADMIN)
    other_shop = await app.create_shop()
    answer = await _refresh(app, other_shop, owner.refresh_token)
    assert answer.json()["user"]["role"] == "super_admin"
    assert await status_of_own_account(app, shop, answer.json()["access_token"]) == 200


@pytest.mark.parametrize("what", ["token", "session"])
async def test_an_expired_token_or_session_cannot_be_refreshed(
    owner: asyncpg.Connection, app: App, shop: Tenancy, ada: Account, what: str
) -> None:
    table = {"token": "identity_refresh_tokens", "session": "identity_sessions"}[what]
    await owner.execute(f"UPDATE {table} SET expires_at = now() WHERE tenant_id = $1", shop.id)
    assert (await _refresh(app, shop, ada.refresh_token)).status_code == 401


async def test_a_refresh_has_no_dry_run(app: App, shop: Tenancy, ada: Account) -> None:
    answer = await _refresh(app, shop, ada.refresh_token, prefer="dry-run")
    assert (answer.status_code, answer.json()["code"]) == (400, "identity.no_dry_run")
    assert (await _refresh(app, shop, ada.refresh_token)).status_code == 200


async def test_a_logout_revokes_both_tokens(app: App, shop: Tenancy, ada: Account) -> None:
    async with ada.client() as client:
        assert (await client.get("/auth/me")).status_code == 200
        assert (await client.post("/auth/logout")).status_code == 204
        assert (await client.get("/auth/me")).status_code == 401
    assert (await _refresh(app, shop, ada.refresh_token)).status_code == 401


async def test_another_process_applies_a_logout_within_five_seconds(
    monkeypatch: pytest.MonkeyPatch, app: App, other_app: App, shop: Tenancy, ada: Account
) -> None:
    assert await status_of_own_account(other_app, shop, ada.access_token) == 200
    async with ada.client() as client:
        assert (await client.post("/auth/logout")).status_code == 204
    later = time.monotonic() + authenticator.CACHE_SECONDS
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert authenticator.CACHE_SECONDS <= 5
    assert await status_of_own_account(other_app, shop, ada.access_token) == 401
    assert await status_of_own_account(app, shop, ada.access_token) == 401


async def test_the_token_cache_is_bounded(
    monkeypatch: pytest.MonkeyPatch, app: App, shop: Tenancy, ada: Account
) -> None:
    monkeypatch.setattr(authenticator, "MAX_CACHED", 2)
    devices = [ada, *[await Account.log_in(app, shop, email=ada.email, password=PASSWORD) for _ in range(3)]]
    tokens = [device.access_token for device in devices]
    assert [await status_of_own_account(app, shop, token) for token in tokens] == [200] * 4
    assert len(app.authenticator._cache) == 2


async def test_a_user_lists_and_ends_their_sessions_one_by_one(app: App, shop: Tenancy, ada: Account) -> None:
    phone = await Account.log_in(app, shop, email=ada.email, password=PASSWORD, user_agent="Telephone")
    async with ada.client() as client:
        sessions = (await client.get("/auth/sessions")).json()["data"]
        assert [session["current"] for session in sessions] == [False, True]
        assert sessions[0]["user_agent"] == "Telephone"
        assert (await client.get(f"/auth/sessions/{sessions[0]['id']}")).json() == sessions[0]
        assert (await client.delete(f"/auth/sessions/{sessions[0]['id']}")).status_code == 204
        assert (await client.get(f"/auth/sessions/{sessions[0]['id']}")).status_code == 404
        assert (await client.delete(f"/auth/sessions/{sessions[0]['id']}")).status_code == 404
    assert await status_of_own_account(app, shop, phone.access_token) == 401
    assert await status_of_own_account(app, shop, ada.access_token) == 200


async def test_all_other_sessions_end_at_once(app: App, shop: Tenancy, ada: Account) -> None:
    others = [await Account.log_in(app, shop, email=ada.email, password=PASSWORD) for _ in range(3)]
    async with ada.client() as client:
        assert (await client.delete("/auth/sessions")).status_code == 204
    assert [await status_of_own_account(app, shop, other.access_token) for other in others] == [401] * 3
    assert await status_of_own_account(app, shop, ada.access_token) == 200


async def test_sessions_come_in_pages(app: App, shop: Tenancy, ada: Account) -> None:
    for _ in range(4):
        await Account.log_in(app, shop, email=ada.email, password=PASSWORD)
    seen: list[str] = []
    cursor: str | None = ""
    async with ada.client() as client:
        while cursor is not None:
            given = {"cursor": cursor} if cursor else {}
            page = (await client.get("/auth/sessions", params={"limit": 2, **given})).json()
            seen += [session["id"] for session in page["data"]]
            cursor = page["next_cursor"]
    assert len(seen) == len(set(seen)) == 5


async def test_another_users_session_is_not_found(app: App, shop: Tenancy, ada: Account) -> None:
    bob = await app.create_account(shop)
    async with ada.client() as client:
        mine = (await client.get("/auth/sessions")).json()["data"][0]["id"]
    async with bob.client() as client:
        theirs = await client.delete(f"/auth/sessions/{mine}")
        nobodys = await client.delete("/auth/sessions/0199a1b2-0000-7000-8000-000000000000")
    assert theirs.status_code == nobodys.status_code == 404
    assert {**theirs.json(), "request_id": ""} == {**nobodys.json(), "request_id": ""}
    assert await status_of_own_account(app, shop, ada.access_token) == 200


async def test_a_new_password_ends_the_other_sessions(app: App, shop: Tenancy, ada: Account) -> None:
    phone = await Account.log_in(app, shop, email=ada.email, password=PASSWORD)
    async with ada.client() as client:
        body = {"current_password": PASSWORD, "new_password": OTHER_PASSWORD}
        assert (await client.put("/auth/password", json=body)).status_code == 204
    assert await status_of_own_account(app, shop, phone.access_token) == 401
    assert (await _refresh(app, shop, phone.refresh_token)).status_code == 401
    assert await status_of_own_account(app, shop, ada.access_token) == 200
    assert (await _refresh(app, shop, ada.refresh_token)).status_code == 200
    await Account.log_in(app, shop, email=ada.email, password=OTHER_PASSWORD)


async def test_of_two_concurrent_password_changes_one_succeeds(
    database: Database, app: App, shop: Tenancy, ada: Account
) -> None:
    await open_connections(database)
    new_passwords = ["seven ferries to the isle", "eleven lamps along the quay"]
    async with ada.client() as client:
        answers = await asyncio.gather(
            *(
                client.put("/auth/password", json={"current_password": PASSWORD, "new_password": password})
                for password in new_passwords
            )
        )
    assert sorted(answer.status_code for answer in answers) == [204, 403]
    winner = new_passwords[[answer.status_code for answer in answers].index(204)]
    await Account.log_in(app, shop, email=ada.email, password=winner)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"current_password": "wrong", "new_password": OTHER_PASSWORD}, (403, "identity.reauthentication_failed")),
        ({"current_password": PASSWORD, "new_password": "password123"}, (400, "identity.weak_password")),
        ({"current_password": PASSWORD, "new_password": "owls"}, (400, "request.invalid")),
        ({"new_password": OTHER_PASSWORD}, (400, "request.invalid")),
    ],
)
async def test_a_password_change_needs_the_current_password_and_a_strong_new_one(
    app: App, shop: Tenancy, ada: Account, body: dict[str, str], error: tuple[int, str]
) -> None:
    async with ada.client() as client:
        answer = await client.put("/auth/password", json=body)
    assert (answer.status_code, answer.json()["code"]) == error
    await Account.log_in(app, shop, email=ada.email, password=PASSWORD)


async def test_a_token_does_not_allow_guessing_the_password(
    owner: asyncpg.Connection, shop: Tenancy, ada: Account
) -> None:
    body = {"current_password": "wrong", "new_password": OTHER_PASSWORD}
    async with ada.client() as client:
        for _ in range(5):
            assert (await client.put("/auth/password", json=body)).status_code == 403
        await owner.execute(
            "UPDATE identity_failures SET locked_until = now() + interval '1 hour' WHERE tenant_id = $1", shop.id
        )
        right = {**body, "current_password": PASSWORD}
        assert (await client.put("/auth/password", json=right)).status_code == 403
        put = {"email": "mallory@example.com", "current_password": PASSWORD}
        assert (await client.put(f"/users/{ada.id}", json=put)).status_code == 403


async def test_only_sessions_that_expired_long_ago_are_deleted(
    database: Database, owner: asyncpg.Connection, app: App, shop: Tenancy, ada: Account
) -> None:
    other = await Account.log_in(app, shop, email=ada.email, password=PASSWORD)
    await owner.execute(
        "UPDATE identity_sessions SET expires_at = now() - interval '40 days'"
        " WHERE id = (SELECT id FROM identity_sessions WHERE tenant_id = $1 ORDER BY created_at LIMIT 1)",
        shop.id,
    )
    async with database.begin(shop, SYSTEM) as tx:
        identity.delete_expired(tx)
    async with database.begin(shop, SYSTEM) as tx:
        assert await tx.fetchval("SELECT count(*) FROM identity_sessions") == 1
        assert await tx.fetchval("SELECT count(*) FROM identity_refresh_tokens") == 1
    assert await status_of_own_account(app, shop, other.access_token) == 200


async def test_a_second_live_token_of_a_session_cannot_be_stored(
    owner: asyncpg.Connection, shop: Tenancy, ada: Account
) -> None:
    assert ada.refresh_token
    with pytest.raises(asyncpg.UniqueViolationError, match="identity_refresh_tokens_live_key"):
        await owner.execute(
            "INSERT INTO identity_refresh_tokens (tenant_id, id, session_id, token_hash, status, created_at,"
            " expires_at) SELECT tenant_id, gen_random_uuid(), session_id, sha256('another'), 'live', now(), expires_at"
            " FROM identity_refresh_tokens WHERE tenant_id = $1",
            shop.id,
        )


async def test_a_refresh_token_is_256_random_bits_and_stored_as_its_hash(
    owner: asyncpg.Connection, shop: Tenancy, ada: Account
) -> None:
    stored = await owner.fetchval("SELECT token_hash FROM identity_refresh_tokens WHERE tenant_id = $1", shop.id)
    assert stored == hashlib.sha256(ada.refresh_token.encode()).digest()
    assert len(base64.urlsafe_b64decode(ada.refresh_token + "=")) == 32
