"""Password hashing: in threads, and exactly once on every path of a login."""

import asyncio
import threading
from typing import Any

import pytest

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.identity.errors import PasswordsBusy
from luxewin.modules.identity.public import Role
from luxewin.modules.identity.service.passwords import Passwords
from luxewin.modules.payments.public import Gateways
from tests.modules.identity.app import LOWEST_COST, OTHER_PASSWORD, PASSWORD, Account, App
from tests.modules.identity.work import Bcrypt


@pytest.fixture
def bcrypt_calls(monkeypatch: pytest.MonkeyPatch, ada: Account) -> Bcrypt:
    """The calls of bcrypt from now on."""
    assert ada.id
    return Bcrypt(monkeypatch)


async def _log_in(app: App, shop: Tenancy, email: str, password: str) -> dict[str, Any]:
    async with app.client(shop) as client:
        answer = await client.post("/auth/login", json={"email": email, "password": password})
    body: dict[str, Any] = answer.json()
    return body


async def test_the_right_password_costs_one_bcrypt(app: App, shop: Tenancy, ada: Account, bcrypt_calls: Bcrypt) -> None:
    assert "access_token" in await _log_in(app, shop, ada.email, PASSWORD)
    assert (bcrypt_calls.checked, bcrypt_calls.hashed) == (1, 0)


async def test_a_wrong_password_costs_one_bcrypt(app: App, shop: Tenancy, ada: Account, bcrypt_calls: Bcrypt) -> None:
    assert (await _log_in(app, shop, ada.email, OTHER_PASSWORD))["code"] == "identity.invalid_credentials"
    assert (bcrypt_calls.checked, bcrypt_calls.hashed) == (1, 0)


@pytest.mark.parametrize("email", ["nobody@example.com", "not an address", "x"])
async def test_an_unknown_address_costs_one_bcrypt(app: App, shop: Tenancy, bcrypt_calls: Bcrypt, email: str) -> None:
    assert (await _log_in(app, shop, email, PASSWORD))["code"] == "identity.invalid_credentials"
    assert (bcrypt_calls.checked, bcrypt_calls.hashed) == (1, 0)


async def test_a_super_admins_address_costs_one_bcrypt(
    app: App, shop: Tenancy, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = await app.create_account(shop, Role.SUPER_ADMIN)
    bcrypt_calls = Bcrypt(monkeypatch)
    await _log_in(app, shop, owner.email, OTHER_PASSWORD)
    assert (bcrypt_calls.checked, bcrypt_calls.hashed) == (1, 0)


async def test_bcrypt_runs_in_its_own_two_threads(app: App, shop: Tenancy, ada: Account, bcrypt_calls: Bcrypt) -> None:
    await asyncio.gather(*(_log_in(app, shop, ada.email, PASSWORD) for _ in range(8)))
    assert bcrypt_calls.threads <= {"passwords_0", "passwords_1"}
    assert bcrypt_calls.threads


async def test_the_dummy_hash_costs_as_much_as_a_real_one(app: App) -> None:
    assert await app.passwords.match(PASSWORD, None) is False
    nobody, somebody = app.passwords._dummy_hash, await app.passwords.hash(PASSWORD)
    assert nobody[:7] == somebody[:7]
    assert len(nobody) == len(somebody)


async def test_a_full_queue_is_refused_with_a_time_to_retry() -> None:
    release = threading.Event()
    passwords = Passwords(cost=LOWEST_COST, threads=1, max_waiting=2)
    waiting = [asyncio.create_task(passwords._in_thread(release.wait)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(PasswordsBusy) as busy:
        await passwords.match(PASSWORD, None)
    assert busy.value.facts["retry_after_seconds"] > 0
    release.set()
    assert await asyncio.gather(*waiting) == [True, True]
    assert await passwords.match(PASSWORD, await passwords.hash(PASSWORD))
    passwords.close()


async def test_a_hash_of_another_cost_is_replaced_at_the_next_login(
    database: Database, shop: Tenancy, ada: Account
) -> None:
    app_with_higher_cost = App(database, gateways=Gateways({}), cost=LOWEST_COST + 1)
    assert "access_token" in await _log_in(app_with_higher_cost, shop, ada.email, PASSWORD)
    stored = await _stored_hash(database, shop, ada)
    assert stored.startswith(f"$2b$0{LOWEST_COST + 1}$")
    assert await app_with_higher_cost.passwords.match(PASSWORD, stored)
    assert "access_token" in await _log_in(app_with_higher_cost, shop, ada.email, PASSWORD)
    assert await _stored_hash(database, shop, ada) == stored
    app_with_higher_cost.passwords.close()


@pytest.mark.parametrize("ending", ["a", "b"])
async def test_the_last_character_of_a_long_password_counts(app: App, ending: str) -> None:
    stored = await app.passwords.hash("x" * 200 + "a")
    assert await app.passwords.match("x" * 200 + ending, stored) is (ending == "a")


async def _stored_hash(database: Database, shop: Tenancy, account: Account) -> str:
    async with database.begin(shop, SYSTEM) as tx:
        stored: str = await tx.fetchval(
            "SELECT c.password_hash FROM identity_credentials c JOIN identity_users u ON u.tenant_id = c.tenant_id"
            " AND u.id = c.user_id WHERE u.email = $1",
            account.email,
        )
    return stored
