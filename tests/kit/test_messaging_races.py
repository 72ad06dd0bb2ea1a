"""Order and single effect of events, with small batches, failing events and several workers."""

import asyncio
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

import asyncpg
import pytest

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.events import DomainEvent, Event
from luxewin.kit.ids import new_id
from luxewin.kit.messaging import relay
from luxewin.kit.messaging.listeners import Listener, catch_up
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction
from tests.conftest import TestDatabase
from tests.waiting import wait_until_blocked


@dataclass(frozen=True, slots=True, kw_only=True)
class KettleBoiled(DomainEvent):
    type: ClassVar[str] = "tests.kettle_boiled"


async def publish(database: Database, tenant: Tenancy, kettle: UUID, *versions: int) -> None:
    """Publish events, each in its own transaction, so that the outbox has them in this order."""
    for version in versions:
        async with database.begin(tenant, SYSTEM) as tx:
            tx.publish(KettleBoiled(aggregate_id=kettle, aggregate_version=version))


async def publish_all(database: Database) -> None:
    while await relay.publish_batch(database, {}):
        continue


async def test_an_event_waits_for_an_earlier_one_that_did_not_fit_into_the_batch(
    database: Database, tenant: Tenancy, monkeypatch: pytest.MonkeyPatch
) -> None:
    await publish_all(database)
    await publish(database, tenant, new_id(), 2, 1)
    monkeypatch.setattr(relay, "BATCH_SIZE", 1)
    await publish_all(database)
    async with database.begin(tenant, SYSTEM) as tx:
        rows = await tx.fetch("SELECT aggregate_version FROM kit_event_log ORDER BY sequence")
    assert [row["aggregate_version"] for row in rows] == [1, 2]


async def test_no_event_overtakes_a_dead_lettered_one_of_its_aggregate(database: Database, tenant: Tenancy) -> None:
    handled: list[int] = []

    async def fail_on_the_first(_tx: Transaction, event: Event) -> None:
        if event.aggregate_version == 1:
            raise ValueError("burnt")
        handled.append(event.aggregate_version)

    await publish(database, tenant, new_id(), 1, 2)
    await publish_all(database)
    await catch_up(database, tenant, Listener("tests.kitchen", {KettleBoiled.type: fail_on_the_first}))
    assert handled == []


async def test_a_second_worker_waits_while_an_event_is_handled_and_skips_it(
    database: Database, test_database: TestDatabase, tenant: Tenancy
) -> None:
    handled: list[int] = []
    began, may_end = asyncio.Event(), asyncio.Event()

    async def handle_the_second_slowly(_tx: Transaction, event: Event) -> None:
        handled.append(event.sequence)
        if event.sequence > 1:
            began.set()
            await may_end.wait()

    listener = Listener("tests.kitchen", {KettleBoiled.type: handle_the_second_slowly})
    kettle = new_id()
    await publish(database, tenant, kettle, 1)
    await publish_all(database)
    await catch_up(database, tenant, listener)  # so that the listener has a position, which can be locked
    await publish(database, tenant, kettle, 2)
    await publish_all(database)
    owner = await asyncpg.connect(**test_database.owner)
    try:
        first = asyncio.create_task(catch_up(database, tenant, listener))
        await began.wait()
        began.clear()
        second = asyncio.create_task(catch_up(database, tenant, listener))
        waiting = asyncio.create_task(wait_until_blocked(owner, second))
        handled_too = asyncio.create_task(began.wait())
        await asyncio.wait({waiting, handled_too}, return_when=asyncio.FIRST_COMPLETED)
        may_end.set()
        await asyncio.gather(first, second, waiting)
        handled_too.cancel()
    finally:
        await owner.close()
    assert handled == [1, 2]
