"""Rate limits that super admins read and change while the program runs."""

import time
from collections.abc import AsyncIterator

import pytest

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.http.limits import PUBLISHED_LIMITS
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.identity.public import Role
from luxewin.modules.payments.public import Gateways
from luxewin.modules.tenants.public import PLATFORM
from luxewin.modules.tenants.service.directory import FRESH_SECONDS
from tests.modules.identity.app import Account, App

LIMIT = "money"
"""No route of the tests' application counts against it, so that no other test notices."""


@pytest.fixture(autouse=True)
async def unchanged(super_admin: Account) -> AsyncIterator[None]:
    """The limit has its default again after each of these tests."""
    yield
    async with super_admin.client() as client:
        await client.patch(f"/rate-limits/{LIMIT}", json={"requests_per_minute": None})


async def test_a_changed_limit_is_shown_and_null_returns_it_to_its_default(super_admin: Account) -> None:
    async with super_admin.client() as client:
        changed = await client.patch(f"/rate-limits/{LIMIT}", json={"requests_per_minute": 7})
        listed = {limit["name"]: limit for limit in (await client.get("/rate-limits")).json()["data"]}
        back = (await client.patch(f"/rate-limits/{LIMIT}", json={"requests_per_minute": None})).json()
    assert changed.status_code == 200, changed.text
    assert listed.keys() == PUBLISHED_LIMITS.keys()
    assert listed[LIMIT] == changed.json()
    assert (listed[LIMIT]["requests_per_minute"], listed[LIMIT]["is_shared"]) == (7, True)
    assert listed["reads"]["is_shared"] is False
    assert (
        back["requests_per_minute"]
        == back["default_requests_per_minute"]
        == listed[LIMIT]["default_requests_per_minute"]
    )


async def test_another_process_applies_a_changed_limit_within_five_seconds(
    monkeypatch: pytest.MonkeyPatch, database: Database, app: App, super_admin: Account
) -> None:
    other = App(database, gateways=Gateways({}))
    other.passwords.close()
    await other.directory.current()
    assert LIMIT not in other.directory.changed_limits()
    async with super_admin.client() as client:
        await client.patch(f"/rate-limits/{LIMIT}", json={"requests_per_minute": 7})
    assert app.directory.changed_limits()[LIMIT] == 7
    later = time.monotonic() + FRESH_SECONDS
    monkeypatch.setattr(time, "monotonic", lambda: later)
    await other.directory.current()
    assert FRESH_SECONDS <= 5
    assert other.directory.changed_limits()[LIMIT] == 7


async def test_a_limit_that_was_changed_meanwhile_is_not_overwritten(super_admin: Account) -> None:
    async with super_admin.client() as client:
        version = (await client.patch(f"/rate-limits/{LIMIT}", json={"requests_per_minute": 7})).headers["etag"]
        await client.patch(f"/rate-limits/{LIMIT}", json={"requests_per_minute": 8})
        stale = await client.patch(
            f"/rate-limits/{LIMIT}", json={"requests_per_minute": 9}, headers={"If-Match": version}
        )
    assert stale.status_code == 412


@pytest.mark.parametrize("amount", [0, -1, 10_000_001, 1.5, "40", True])
async def test_an_invalid_limit_is_refused(super_admin: Account, amount: object) -> None:
    async with super_admin.client() as client:
        assert (await client.patch(f"/rate-limits/{LIMIT}", json={"requests_per_minute": amount})).status_code == 400
        unknown = await client.patch("/rate-limits/nothing", json={"requests_per_minute": 40})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "tenants.rate_limit_unknown")


async def test_a_tenants_staff_cannot_change_limits(app: App, shop: Tenancy, database: Database) -> None:
    admin = await app.create_account(shop, Role.ADMIN)
    async with admin.client() as client:
        assert (await client.patch(f"/rate-limits/{LIMIT}", json={"requests_per_minute": 7})).status_code == 403
    async with database.begin(shop, SYSTEM) as tx:
        assert await tx.fetch("SELECT FROM tenants_rate_limits") == []


async def test_a_change_of_a_limit_is_audited(super_admin: Account, database: Database) -> None:
    async with super_admin.client() as client:
        await client.patch(f"/rate-limits/{LIMIT}", json={"requests_per_minute": 7})
    async with database.begin(PLATFORM, SYSTEM) as tx:
        row = await tx.fetchrow(
            "SELECT target, after FROM kit_audit WHERE action = 'tenants.rate_limit_changed' ORDER BY at DESC LIMIT 1"
        )
    assert row is not None
    assert tuple(row) == (LIMIT, {"requests_per_minute": 7})
