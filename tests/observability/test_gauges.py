"""What is measured of everybody's: how far behind facts and listeners are, and who waits for a connection."""

import asyncio
from collections.abc import AsyncIterator
from typing import ClassVar
from uuid import UUID

import asyncpg
import pytest
from prometheus_client import REGISTRY

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.errors import Unavailable
from luxewin.kit.events import DomainEvent, Event
from luxewin.kit.ids import new_id
from luxewin.kit.messaging.listeners import Listener, catch_up
from luxewin.kit.messaging.metrics import measure_events
from luxewin.kit.messaging.relay import publish_batch
from luxewin.kit.pools import PoolLimits
from luxewin.kit.sealing import AUDIT_CHAIN, measure_sealing, seal_batch
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction
from tests.conftest import TestDatabase, make_database
from tests.servers import TestServer

NAME = "tests.cellar"
HOUR_SECONDS = 3600


class BarrelFilled(DomainEvent):
    type: ClassVar[str] = "tests.barrel_filled"


async def ignore(_tx: Transaction, _event: Event) -> None:
    return None


async def choke(_tx: Transaction, _event: Event) -> None:
    raise ValueError("it leaks")


@pytest.fixture(scope="module")
async def alone(server: TestServer) -> TestDatabase:
    """A database that nobody else uses, so that what is measured is ours."""
    return await make_database(server, "measured")


@pytest.fixture
async def cellar(alone: TestDatabase) -> AsyncIterator[Database]:
    opened = await Database.open(alone.role("app"), alone.role("system"), PoolLimits(size=2, wait_seconds=0.2))
    yield opened
    await opened.close()


def told(name: str, **labels: str) -> float:
    found = REGISTRY.get_sample_value(name, labels)
    assert found is not None, name
    return found


async def measure(database: Database) -> None:
    async with database.system() as connection:
        await measure_events(connection)
        await measure_sealing(connection, AUDIT_CHAIN)


async def an_hour_later(alone: TestDatabase, statement: str) -> None:
    owner = await asyncpg.connect(**alone.owner)
    try:
        await owner.execute(statement)
    finally:
        await owner.close()


async def test_waiting_events_are_counted_with_their_age(
    alone: TestDatabase, cellar: Database, tenant: Tenancy, other_tenant: Tenancy
) -> None:
    reader = Listener(NAME, {BarrelFilled.type: ignore})
    await fill(cellar, tenant, barrels=1)
    await publish_batch(cellar, {})
    await catch_up(cellar, tenant, reader)
    await fill(cellar, tenant, barrels=3)
    await fill(cellar, other_tenant, barrels=2)
    await an_hour_later(alone, "UPDATE kit_outbox SET stored_at = stored_at - interval '1 hour'")
    await measure(cellar)
    assert told("luxewin_outbox_events") == 5
    assert told("luxewin_outbox_oldest_seconds") >= HOUR_SECONDS
    assert told("luxewin_listener_waiting_events", listener=NAME) == 0

    await publish_batch(cellar, {})
    await an_hour_later(alone, "UPDATE kit_event_log SET published_at = published_at - interval '1 hour'")
    await measure(cellar)
    assert (told("luxewin_outbox_events"), told("luxewin_outbox_oldest_seconds")) == (0, 0)
    assert told("luxewin_listener_waiting_events", listener=NAME) == 5
    assert told("luxewin_listener_oldest_seconds", listener=NAME) >= HOUR_SECONDS

    for place in (tenant, other_tenant):
        await catch_up(cellar, place, reader)
    await measure(cellar)
    assert told("luxewin_listener_waiting_events", listener=NAME) == 0
    assert told("luxewin_listener_oldest_seconds", listener=NAME) == 0


async def test_dead_letters_are_counted_until_there_are_none(
    alone: TestDatabase, cellar: Database, tenant: Tenancy
) -> None:
    await fill(cellar, tenant, barrels=1)
    await publish_batch(cellar, {})
    await catch_up(cellar, tenant, Listener(NAME, {BarrelFilled.type: choke}))
    await measure(cellar)
    assert told("luxewin_dead_lettered_events", listener=NAME) == 1
    await an_hour_later(alone, "DELETE FROM kit_parked_events")
    await measure(cellar)
    assert told("luxewin_dead_lettered_events", listener=NAME) == 0


async def test_unsealed_rows_are_counted(alone: TestDatabase, cellar: Database, tenant: Tenancy) -> None:
    async with cellar.begin(tenant, SYSTEM) as tx:
        tx.audit("tests.tapped", target=new_id())
    await an_hour_later(alone, "UPDATE kit_audit SET at = at - interval '1 hour' WHERE seal IS NULL")
    await measure(cellar)
    assert told("luxewin_unsealed_rows", chain="kit_audit") == 1
    assert told("luxewin_unsealed_oldest_seconds", chain="kit_audit") >= HOUR_SECONDS
    await seal_batch(cellar, AUDIT_CHAIN)
    await measure(cellar)
    assert told("luxewin_unsealed_rows", chain="kit_audit") == 0
    assert told("luxewin_unsealed_oldest_seconds", chain="kit_audit") == 0


async def test_waiters_and_timeouts_of_a_pool_are_counted(cellar: Database, tenant: Tenancy) -> None:
    given_up = told("luxewin_database_pool_timeouts_total", role="app")
    before = told("luxewin_database_pool_in_use", role="app")
    async with cellar.begin(tenant, SYSTEM), cellar.begin(tenant, SYSTEM):
        assert told("luxewin_database_pool_in_use", role="app") == before + 2
        waiting = asyncio.create_task(ask(cellar, tenant))
        await asyncio.sleep(0)
        assert told("luxewin_database_pool_waiting", role="app") == 1
        with pytest.raises(Unavailable):
            await waiting
    assert told("luxewin_database_pool_timeouts_total", role="app") == given_up + 1
    assert told("luxewin_database_pool_waiting", role="app") == 0
    assert told("luxewin_database_pool_in_use", role="app") == before


async def fill(database: Database, tenant: Tenancy, *, barrels: int) -> None:
    async with database.begin(tenant, SYSTEM) as tx:
        tx.publish(*(filled(new_id()) for _ in range(barrels)))


def filled(barrel: UUID) -> BarrelFilled:
    return BarrelFilled(aggregate_id=barrel, aggregate_version=1)


async def ask(database: Database, tenant: Tenancy) -> None:
    async with database.begin(tenant, SYSTEM):
        pass
