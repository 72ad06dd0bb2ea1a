"""Messaging: events are published once and in order; effects are applied once; failures are dead-lettered."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

import asyncpg
import pytest

from luxewin.kit.access import SYSTEM, Principal
from luxewin.kit.database import Database
from luxewin.kit.events import DomainEvent, Event
from luxewin.kit.ids import new_id
from luxewin.kit.invariants import kit_invariants, violations
from luxewin.kit.messaging.listeners import MAX_ATTEMPTS, Listener, catch_up, replay
from luxewin.kit.messaging.relay import publish_batch, sort_by_aggregate_version
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class KettleBoiled(DomainEvent):
    type: ClassVar[str] = "tests.kettle_boiled"

    degrees: int


def boiled(kettle: UUID, version: int, degrees: int = 100) -> KettleBoiled:
    return KettleBoiled(aggregate_id=kettle, aggregate_version=version, degrees=degrees)


async def publish(database: Database, tenant: Tenancy, *events: DomainEvent) -> None:
    async with database.begin(tenant, SYSTEM) as tx:
        tx.publish(*events)


async def publish_all(database: Database) -> None:
    while await publish_batch(database, {}):
        continue


async def logged(database: Database, tenant: Tenancy) -> list[tuple[int, UUID, int]]:
    async with database.begin(tenant, SYSTEM) as tx:
        rows = await tx.fetch("SELECT sequence, aggregate_id, aggregate_version FROM kit_event_log ORDER BY sequence")
    return [tuple(row) for row in rows]


class Recorder:
    """A listener that records the events that it has handled, and fails on given aggregates."""

    def __init__(self) -> None:
        self.handled: list[tuple[UUID, int]] = []
        self.fails_on: set[UUID] = set()
        self.listener = Listener("tests.recorder", {KettleBoiled.type: self.handle})

    async def handle(self, tx: Transaction, event: Event) -> None:
        if event.aggregate_id in self.fails_on:
            raise ValueError("burnt")
        tx.audit("tests.handled", target=event.aggregate_id)
        self.handled.append((event.aggregate_id, event.aggregate_version))


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


async def test_an_event_is_published_if_and_only_if_its_transaction_commits(
    database: Database, tenant: Tenancy
) -> None:
    kettle = new_id()

    async def fail(tx: Transaction) -> None:
        tx.publish(boiled(kettle, 1))
        await tx.flush()
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await database.run(tenant, SYSTEM, fail)
    await publish(database, tenant, boiled(kettle, 2))
    await publish_all(database)
    assert await logged(database, tenant) == [(1, kettle, 2)]


async def test_sequences_have_no_gaps_per_tenant_under_concurrency(
    database: Database, tenant: Tenancy, other_tenant: Tenancy
) -> None:
    await asyncio.gather(
        *(publish(database, who, boiled(new_id(), 1)) for who in (tenant, other_tenant) for _ in range(20)),
        *(publish_batch(database, {}) for _ in range(1)),
    )
    await publish_all(database)
    for who in (tenant, other_tenant):
        assert [row[0] for row in await logged(database, who)] == list(range(1, 21))
    assert await violations(database, kit_invariants(()), tenant_id=tenant.id) == []


def test_events_of_one_aggregate_are_sorted_by_version() -> None:
    kettle, pan = new_id(), new_id()
    outbox = [(kettle, 2), (pan, 1), (kettle, 1), (kettle, 3)]
    rows = [
        {"aggregate_id": aggregate, "aggregate_version": version, "number": number}
        for number, (aggregate, version) in enumerate(outbox)
    ]
    order = [(row["aggregate_id"], row["aggregate_version"]) for row in sort_by_aggregate_version(rows)]
    assert order == [(kettle, 1), (pan, 1), (kettle, 2), (kettle, 3)]


async def test_each_event_has_its_effect_once_however_many_workers_listen(
    database: Database, tenant: Tenancy, recorder: Recorder
) -> None:
    kettles = [new_id() for _ in range(10)]
    await publish(database, tenant, *(boiled(kettle, 1) for kettle in kettles))
    await publish_all(database)
    await asyncio.gather(*(catch_up(database, tenant, recorder.listener) for _ in range(4)))
    async with database.begin(tenant, SYSTEM) as tx:
        rows = await tx.fetch("SELECT target, count(*)::int AS times FROM kit_audit GROUP BY target")
    assert {row["target"]: row["times"] for row in rows} == {str(kettle): 1 for kettle in kettles}


async def test_a_failing_event_is_dead_lettered_with_its_followers_and_the_others_go_on(
    database: Database, tenant: Tenancy, recorder: Recorder
) -> None:
    bad, good = new_id(), new_id()
    recorder.fails_on.add(bad)
    await publish(database, tenant, boiled(bad, 1), boiled(good, 1), boiled(bad, 2), boiled(good, 2))
    await publish_all(database)
    await catch_up(database, tenant, recorder.listener)
    assert recorder.handled == [(good, 1), (good, 2)]
    async with database.begin(tenant, SYSTEM) as tx:
        dead_lettered = await tx.fetch("SELECT aggregate_id, sequence, tries FROM kit_parked_events ORDER BY sequence")
    assert [tuple(row) for row in dead_lettered] == [(bad, 1, MAX_ATTEMPTS), (bad, 3, 0)]

    recorder.fails_on.clear()
    assert await replay(database, tenant, recorder.listener) == (2, 0)
    assert recorder.handled[2:] == [(bad, 1), (bad, 2)]
    assert await replay(database, tenant, recorder.listener) == (0, 0)


async def test_an_event_that_fails_again_stays_dead_lettered_after_a_replay(
    database: Database, tenant: Tenancy, recorder: Recorder
) -> None:
    bad = new_id()
    recorder.fails_on.add(bad)
    await publish(database, tenant, boiled(bad, 1), boiled(bad, 2))
    await publish_all(database)
    await catch_up(database, tenant, recorder.listener)
    assert await replay(database, tenant, recorder.listener) == (0, 2)
    recorder.fails_on.clear()
    assert await replay(database, tenant, recorder.listener) == (2, 0)


async def test_a_listener_continues_at_its_position(database: Database, tenant: Tenancy, recorder: Recorder) -> None:
    kettle = new_id()
    counts: dict[int, int] = defaultdict(int)
    for version in range(1, 4):
        await publish(database, tenant, boiled(kettle, version))
        await publish_all(database)
        counts[version] = await catch_up(database, tenant, recorder.listener)
    assert dict(counts) == {1: 1, 2: 1, 3: 1}
    assert recorder.handled == [(kettle, 1), (kettle, 2), (kettle, 3)]


async def test_the_application_cannot_write_the_event_log(
    database: Database, tenant: Tenancy, admin: Principal
) -> None:
    for statement in ("DELETE FROM kit_event_log", "UPDATE kit_event_log SET type = 'x'", "DELETE FROM kit_outbox"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.begin(tenant, admin) as tx:
                await tx.fetch(statement)
