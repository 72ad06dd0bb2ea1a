"""A new tenant can take an order at once, and is made once."""

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
from luxewin.workflows.provision_tenant.workflow import provision_tenant
from tests.conftest import TestDatabase
from tests.modules.identity.door import MASTER_KEY, PASSWORD, Door, Member, warm


@pytest.fixture
async def owner(test_database: TestDatabase) -> AsyncIterator[asyncpg.Connection]:
    """The owner of all tables, who sees every tenant's rows."""
    connection = await asyncpg.connect(**test_database.owner)
    yield connection
    await connection.close()


def _body(**change: object) -> dict[str, object]:
    return {"slug": f"new-{uuid4().hex[:10]}", "name": "A new shop", "currency": "EUR", **change}


async def _provision(boss: Member, body: dict[str, object], **headers: str) -> httpx2.Response:
    async with boss.client(boss.shop, **headers) as client:
        return await client.post("/tenants", json=body)


async def _counted(owner: asyncpg.Connection, tenant_id: str) -> dict[str, int]:
    counts = {}
    for table in ("inventory_locations", "shipping_methods", "payments_webhook_endpoints"):
        counts[table] = await owner.fetchval(
            f"SELECT count(*) FROM {table} WHERE tenant_id = $1::text::uuid", tenant_id
        )
    return counts


async def test_a_new_tenant_has_all_that_a_first_order_needs(
    owner: asyncpg.Connection, door: Door, boss: Member
) -> None:
    made = await _provision(boss, _body())
    assert made.status_code == 201
    tenant = made.json()
    assert await _counted(owner, tenant["id"]) == {
        "inventory_locations": 1,
        "shipping_methods": 1,
        "payments_webhook_endpoints": 1,
    }
    told = await owner.fetchrow(
        "SELECT endpoint_id, headers::text FROM simulator.endpoints WHERE merchant = $1", tenant["id"]
    )
    assert told is not None
    assert tenant["slug"] in told["headers"]
    place = Tenancy(id=UUID(tenant["id"]), slug=tenant["slug"], currency="EUR")
    assert await door.directory.by_slug(tenant["slug"]) == place
    async with door.client(place) as client:
        body = {"name": "Ada", "email": "ada@example.com", "password": PASSWORD}
        assert (await client.post("/auth/register", json=body)).status_code == 201


async def test_one_key_makes_one_tenant(owner: asyncpg.Connection, boss: Member) -> None:
    body, key = _body(), uuid4().hex
    first, second = [await _provision(boss, body, idempotency_key=key) for _ in range(2)]
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    reused = await _provision(boss, _body(), idempotency_key=key)
    assert (reused.status_code, reused.json()["code"]) == (422, "idempotency.key_reused")
    assert (await _counted(owner, first.json()["id"]))["payments_webhook_endpoints"] == 1


async def test_parallel_requests_with_one_key_make_one_tenant_and_tell_of_one_endpoint(
    database: Database, owner: asyncpg.Connection, boss: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[UUID] = []
    subscribe = Simulator.subscribe

    async def recorded(simulator: Simulator, merchant: str, **endpoint: Any) -> None:
        told.append(endpoint["endpoint_id"])
        await subscribe(simulator, merchant, **endpoint)

    monkeypatch.setattr(Simulator, "subscribe", recorded)
    await warm(database)
    body, key = _body(), uuid4().hex
    answers = await asyncio.gather(*(_provision(boss, body, idempotency_key=key) for _ in range(8)))
    assert [answer.status_code for answer in answers] == [201] * 8
    assert len({answer.content for answer in answers}) == 1
    opened = await owner.fetch(
        "SELECT id FROM payments_webhook_endpoints WHERE tenant_id = $1::text::uuid", answers[0].json()["id"]
    )
    assert [row["id"] for row in opened] == told


async def test_a_slug_that_is_taken_leaves_nothing(owner: asyncpg.Connection, boss: Member) -> None:
    body = _body()
    await _provision(boss, body)
    before = await owner.fetchval("SELECT count(*) FROM inventory_locations")
    again = await _provision(boss, body)
    assert (again.status_code, again.json()["code"]) == (409, "tenants.slug_taken")
    assert await owner.fetchval("SELECT count(*) FROM inventory_locations") == before


async def test_a_rehearsal_makes_no_tenant(door: Door, boss: Member) -> None:
    body = _body()
    assert (await _provision(boss, body, prefer="dry-run")).status_code == 201
    assert await door.directory.by_slug(str(body["slug"])) is None


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
async def test_a_tenant_that_cannot_stand_is_refused(boss: Member, change: dict[str, object]) -> None:
    assert (await _provision(boss, _body(**change))).status_code == 400


async def test_the_program_makes_tenants_of_its_own(database: Database, gateways: Gateways) -> None:
    new = NewTenant.model_validate(_body())
    made = await provision_tenant(database, gateways, EndpointSecrets(MASTER_KEY), new, principal=SYSTEM)
    assert (made.slug, made.currency, made.version) == (new.slug, "EUR", 1)
