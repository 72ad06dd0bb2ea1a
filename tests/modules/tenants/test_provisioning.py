"""A new tenant can take orders immediately, and is created once per idempotency key."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx2
import pytest

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.payments.gateways.simulator.gateway import Simulator
from luxewin.modules.payments.public import EndpointSecrets, Gateways
from luxewin.workflows.provision_tenant.schemas import NewTenant
from luxewin.workflows.provision_tenant.workflow import Administrator, provision_tenant
from tests.conftest import TestDatabase
from tests.modules.identity.app import MASTER_KEY, PASSWORD, Account, App, open_connections


@pytest.fixture
async def owner(test_database: TestDatabase) -> AsyncIterator[asyncpg.Connection]:
    """A connection of the owner of all tables, who can read the rows of every tenant."""
    connection = await asyncpg.connect(**test_database.owner)
    yield connection
    await connection.close()


def _body(**change: object) -> dict[str, object]:
    return {"slug": f"new-{uuid4().hex[:10]}", "name": "A new shop", "currency": "EUR", **change}


async def _provision(super_admin: Account, body: dict[str, object], **headers: str) -> httpx2.Response:
    async with super_admin.client(super_admin.shop, **headers) as client:
        return await client.post("/tenants", json=body)


async def _counted(owner: asyncpg.Connection, tenant_id: str) -> dict[str, int]:
    counts = {}
    for table in ("inventory_locations", "shipping_methods", "payments_webhook_endpoints"):
        counts[table] = await owner.fetchval(
            f"SELECT count(*) FROM {table} WHERE tenant_id = $1::text::uuid", tenant_id
        )
    return counts


async def test_a_new_tenant_has_everything_for_a_first_order(
    owner: asyncpg.Connection, app: App, super_admin: Account
) -> None:
    created = await _provision(super_admin, _body())
    assert created.status_code == 201
    tenant = created.json()
    assert await _counted(owner, tenant["id"]) == {
        "inventory_locations": 1,
        "shipping_methods": 1,
        "payments_webhook_endpoints": 1,
    }
    subscription = await owner.fetchrow(
        "SELECT endpoint_id, headers::text FROM simulator.endpoints WHERE merchant = $1", tenant["id"]
    )
    assert subscription is not None
    assert tenant["slug"] in subscription["headers"]
    tenancy = Tenancy(id=UUID(tenant["id"]), slug=tenant["slug"], currency="EUR")
    assert await app.directory.by_slug(tenant["slug"]) == tenancy
    async with app.client(tenancy) as client:
        body = {"name": "Ada", "email": "ada@example.com", "password": PASSWORD}
        assert (await client.post("/auth/register", json=body)).status_code == 201


async def test_one_key_creates_one_tenant(owner: asyncpg.Connection, super_admin: Account) -> None:
    body, key = _body(), uuid4().hex
    first, second = [await _provision(super_admin, body, idempotency_key=key) for _ in range(2)]
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    reused = await _provision(super_admin, _body(), idempotency_key=key)
    assert (reused.status_code, reused.json()["code"]) == (422, "idempotency.key_reused")
    assert (await _counted(owner, first.json()["id"]))["payments_webhook_endpoints"] == 1


async def test_parallel_requests_with_one_key_create_one_tenant_and_subscribe_one_endpoint(
    database: Database, owner: asyncpg.Connection, super_admin: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribed: list[UUID] = []
    subscribe = Simulator.subscribe

    async def subscribe_recorded(simulator: Simulator, merchant: str, **endpoint: Any) -> None:
        subscribed.append(endpoint["endpoint_id"])
        await subscribe(simulator, merchant, **endpoint)

    monkeypatch.setattr(Simulator, "subscribe", subscribe_recorded)
    await open_connections(database)
    body, key = _body(), uuid4().hex
    answers = await asyncio.gather(*(_provision(super_admin, body, idempotency_key=key) for _ in range(8)))
    assert [answer.status_code for answer in answers] == [201] * 8
    assert len({answer.content for answer in answers}) == 1
    opened = await owner.fetch(
        "SELECT id FROM payments_webhook_endpoints WHERE tenant_id = $1::text::uuid", answers[0].json()["id"]
    )
    assert [row["id"] for row in opened] == subscribed


async def test_a_taken_slug_creates_nothing(owner: asyncpg.Connection, super_admin: Account) -> None:
    body = _body()
    await _provision(super_admin, body)
    before = await owner.fetchval("SELECT count(*) FROM inventory_locations")
    again = await _provision(super_admin, body)
    assert (again.status_code, again.json()["code"]) == (409, "tenants.slug_taken")
    assert await owner.fetchval("SELECT count(*) FROM inventory_locations") == before


async def test_a_dry_run_creates_no_tenant(app: App, super_admin: Account) -> None:
    body = _body()
    assert (await _provision(super_admin, body, prefer="dry-run")).status_code == 201
    assert await app.directory.by_slug(str(body["slug"])) is None


@pytest.mark.parametrize(
    "change",
    [
        {"slug": "Not A Slug"},
        {"slug": "x" * 64},
        {"slug": "l\u0443xyhome"},
        {"currency": "usd"},
        {"currency": "XXX"},
        {"name": ""},
        {"domains": ["a.example"] * 51},
        {"id": "0199a1b2-0000-7000-8000-000000000000"},
    ],
)
async def test_an_invalid_tenant_is_refused(super_admin: Account, change: dict[str, object]) -> None:
    assert (await _provision(super_admin, _body(**change))).status_code == 400


async def test_the_program_creates_tenants_itself(database: Database, gateways: Gateways) -> None:
    new = NewTenant.model_validate(_body())
    created = await provision_tenant(database, gateways, EndpointSecrets(MASTER_KEY), new, principal=SYSTEM)
    assert (created.slug, created.currency, created.version) == (new.slug, "EUR", 1)


async def test_a_tenant_and_its_administrator_are_created_in_one_transaction(
    database: Database, gateways: Gateways, owner: asyncpg.Connection
) -> None:
    new = NewTenant.model_validate(_body())
    created = await provision_tenant(
        database,
        gateways,
        EndpointSecrets(MASTER_KEY),
        new,
        principal=SYSTEM,
        administrator=Administrator(email="a@example.com", password_hash="x"),
    )
    shop = await owner.fetchval("SELECT xmin::text FROM tenants_registry WHERE id = $1", created.id)
    admins = await owner.fetch("SELECT role, xmin::text FROM identity_users WHERE tenant_id = $1", created.id)
    assert [tuple(admin) for admin in admins] == [("admin", shop)]
