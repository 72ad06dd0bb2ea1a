"""Guessing a password: the same limits wherever it is checked, and nobody else is locked out by it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from ipaddress import IPv4Address
from uuid import uuid4

import httpx2
import pytest

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.http.limits import CREDENTIALS, PUBLISHED_LIMITS
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.identity.domain.lockout import FREE_ATTEMPTS, FREE_ATTEMPTS_OF_STRANGERS
from luxewin.modules.payments.public import Gateways
from tests.modules.identity.app import OTHER_PASSWORD, PASSWORD, Account, App
from tests.security.operations import leaves, operations

Check = Callable[[httpx2.AsyncClient, Account], Awaitable[httpx2.Response]]
HOME = "127.0.0.1"
"""The network from which the fixtures log in."""


async def _log_in(client: httpx2.AsyncClient, account: Account, password: str = OTHER_PASSWORD) -> httpx2.Response:
    return await client.post("/auth/login", json={"email": account.email, "password": password})


async def _refresh(client: httpx2.AsyncClient, _account: Account) -> httpx2.Response:
    return await client.post("/auth/refresh", json={"refresh_token": "a guess"})


async def _change_password(
    client: httpx2.AsyncClient, _account: Account, password: str = OTHER_PASSWORD
) -> httpx2.Response:
    body = {"current_password": password, "new_password": "eleven swans on the lake"}
    return await client.put("/auth/password", json=body)


async def _change_address(
    client: httpx2.AsyncClient, account: Account, password: str = OTHER_PASSWORD
) -> httpx2.Response:
    body = {"email": f"{uuid4().hex}@example.com", "current_password": password}
    return await client.put(f"/users/{account.id}", json=body)


CHECKS: dict[str, Check] = {
    "POST /api/v1/auth/login /password": _log_in,
    "POST /api/v1/auth/refresh /refresh_token": _refresh,
    "PUT /api/v1/auth/password /current_password": _change_password,
    "PUT /api/v1/users/{user_id} /current_password": _change_address,
}
"""Every secret in a body that is compared with a stored one."""

NEW_PASSWORDS = {
    "POST /api/v1/users /password",
    "POST /api/v1/auth/register /password",
    "PUT /api/v1/auth/password /new_password",
}
EVERY_CHECK = pytest.mark.parametrize("check", CHECKS.values(), ids=lambda check: check.__name__.strip("_"))
PASSWORD_CHECKS = pytest.mark.parametrize("check", [_log_in, _change_password, _change_address])


def test_every_secret_in_a_body_is_covered() -> None:
    secrets = {
        f"{one} {pointer}"
        for one in operations()
        if one.body is not None
        for pointer, schema in leaves(one.body)
        if schema.get("format") == "password" or schema.get("writeOnly")
    }
    assert secrets == CHECKS.keys() | NEW_PASSWORDS


@pytest.fixture
async def processes(database: Database) -> AsyncIterator[list[App]]:
    """Two API processes with the published limits."""
    opened = [App(database, gateways=Gateways({}), limit_scale=1.0) for _ in range(2)]
    yield opened
    for app in opened:
        app.passwords.close()


def _elsewhere() -> str:
    """Return a network that no other test uses."""
    return str(IPv4Address(0x0A000000 + uuid4().int % (1 << 24)))


@EVERY_CHECK
async def test_all_checks_of_secrets_share_one_limit_of_a_network_over_all_processes(
    processes: list[App], shop: Tenancy, ada: Account, check: Check
) -> None:
    address, allowed = _elsewhere(), PUBLISHED_LIMITS[CREDENTIALS]
    clients = [app.client(shop, ada.access_token, address=address) for app in processes]
    for number in range(allowed):
        assert (await check(clients[number % 2], ada)).status_code in {401, 403}
    for client in clients:
        refused = [await any_check(client, ada) for any_check in CHECKS.values()]
        assert [answer.status_code for answer in refused] == [429] * len(CHECKS)


@pytest.mark.parametrize("check", [_change_password, _change_address])
async def test_all_checks_of_secrets_share_one_limit_of_an_account_over_all_networks(
    processes: list[App], shop: Tenancy, ada: Account, check: Check
) -> None:
    for number in range(PUBLISHED_LIMITS[CREDENTIALS]):
        client = processes[number % 2].client(shop, ada.access_token, address=_elsewhere())
        assert (await check(client, ada)).status_code == 403
    client = processes[0].client(shop, ada.access_token, address=_elsewhere())
    assert [(await one(client, ada)).status_code for one in (_change_password, _change_address)] == [429, 429]


@PASSWORD_CHECKS
async def test_guesses_at_one_operation_lock_the_network_for_all(
    app: App, shop: Tenancy, ada: Account, check: Callable[..., Awaitable[httpx2.Response]]
) -> None:
    client = app.client(shop, ada.access_token, address=_elsewhere())
    for _ in range(FREE_ATTEMPTS + 1):
        assert (await check(client, ada)).status_code in {401, 403}
    await _extend_locks(app.database, shop)
    for other in (_log_in, _change_password, _change_address):
        assert (await other(client, ada, PASSWORD)).status_code in {401, 403}, "although the password is right"


@PASSWORD_CHECKS
async def test_guesses_from_elsewhere_lock_nobody_out_of_a_known_network(
    app: App, shop: Tenancy, ada: Account, check: Callable[..., Awaitable[httpx2.Response]]
) -> None:
    for _ in range(FREE_ATTEMPTS_OF_STRANGERS + 1):
        await check(app.client(shop, ada.access_token, address=_elsewhere()), ada)
    await _extend_locks(app.database, shop)
    stranger, known = app.client(shop, address=_elsewhere()), app.client(shop, address=HOME)
    assert (await _log_in(stranger, ada, PASSWORD)).status_code == 401, "strangers are slowed down together"
    assert (await _log_in(known, ada, PASSWORD)).status_code == 200


async def test_guesses_from_one_network_do_not_lock_another_one(app: App, shop: Tenancy, ada: Account) -> None:
    guessing = app.client(shop, address=_elsewhere())
    for _ in range(FREE_ATTEMPTS + 1):
        await _log_in(guessing, ada)
    await _extend_locks(app.database, shop)
    assert (await _log_in(guessing, ada, PASSWORD)).status_code == 401
    assert (await _log_in(app.client(shop, address=_elsewhere()), ada, PASSWORD)).status_code == 200


async def test_a_login_does_not_forget_the_guesses_of_others(app: App, shop: Tenancy, ada: Account) -> None:
    guessing = app.client(shop, address=_elsewhere())
    for _ in range(FREE_ATTEMPTS + 1):
        await _log_in(guessing, ada)
    await _extend_locks(app.database, shop)
    await Account.log_in(app, shop, email=ada.email, password=PASSWORD)
    assert (await _log_in(guessing, ada, PASSWORD)).status_code == 401


async def test_a_network_whose_session_was_revoked_is_not_known(app: App, shop: Tenancy, ada: Account) -> None:
    thief = app.client(shop, address=_elsewhere())
    assert (await _log_in(thief, ada, PASSWORD)).status_code == 200
    async with ada.client() as client:
        assert (await client.delete("/auth/sessions")).status_code == 204
    for _ in range(FREE_ATTEMPTS_OF_STRANGERS + 1):
        await _log_in(app.client(shop, address=_elsewhere()), ada)
    await _extend_locks(app.database, shop)
    assert (await _log_in(thief, ada, PASSWORD)).status_code == 401


async def test_known_and_unknown_addresses_are_locked_after_as_many_guesses_of_strangers(
    app: App, shop: Tenancy, ada: Account
) -> None:
    email = f"{uuid4().hex}@example.com"
    for _ in range(FREE_ATTEMPTS_OF_STRANGERS + 1):
        for target in (ada.email, email):
            client = app.client(shop, address=_elsewhere())
            await client.post("/auth/login", json={"email": target, "password": OTHER_PASSWORD})
    async with app.database.begin(shop, SYSTEM) as tx:
        rows = await tx.fetch("SELECT failed, locked_until - last_at AS lock FROM identity_failures WHERE failed > 1")
    assert [row["failed"] for row in rows] == [FREE_ATTEMPTS_OF_STRANGERS + 1] * 2
    assert rows[0]["lock"] == rows[1]["lock"] is not None


@EVERY_CHECK
async def test_a_dry_run_confirms_no_secret(app: App, shop: Tenancy, ada: Account, check: Check) -> None:
    client = app.client(shop, ada.access_token, prefer="dry-run")
    right = {} if check is _refresh else {"password": PASSWORD}
    for answer in (await check(client, ada), await check(client, ada, **right)):
        assert (answer.status_code, answer.json()["code"]) == (400, "identity.no_dry_run")


async def test_a_registration_has_no_dry_run(app: App, shop: Tenancy, ada: Account) -> None:
    client = app.client(shop, prefer="dry-run")
    for email in (ada.email, f"{uuid4().hex}@example.com"):
        body = {"name": "M", "email": email, "password": PASSWORD}
        answer = await client.post("/auth/register", json=body)
        assert (answer.status_code, answer.json()["code"]) == (400, "identity.no_dry_run")


async def _extend_locks(database: Database, shop: Tenancy) -> None:
    """Extend the locks that hold or have just ended, so that the test depends on no time."""
    async with database.begin(shop, SYSTEM) as tx:
        await tx.execute(
            "UPDATE identity_failures SET locked_until = now() + interval '1 hour' WHERE locked_until IS NOT NULL"
        )
