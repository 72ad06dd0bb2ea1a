"""Batch handlers of listeners: the same effect, once; an event that fails does not stop the others."""

from collections.abc import Sequence
from uuid import UUID

import pytest

from luxewin.kit.database import Database
from luxewin.kit.events import Event
from luxewin.kit.ids import new_id
from luxewin.kit.messaging.listeners import Listener, catch_up, replay
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction
from tests.kit.test_messaging import KettleBoiled, boiled, publish, publish_all


class Recorder:
    """A listener that records the events of batches and single events, and fails on given aggregates."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.single: list[int] = []
        self.fails_on: set[UUID] = set()
        self.listener = Listener(
            "tests.recorder",
            {KettleBoiled.type: self.handle},
            batch_handler=self.handle_batch,
            batch_types={KettleBoiled.type},
        )

    async def handle(self, _tx: Transaction, event: Event) -> None:
        if event.aggregate_id in self.fails_on:
            raise ValueError("burnt")
        self.single.append(event.aggregate_version)

    async def handle_batch(self, _tx: Transaction, events: Sequence[Event]) -> None:
        if self.fails_on & {event.aggregate_id for event in events}:
            raise ValueError("burnt")
        self.batches.append([event.aggregate_version for event in events])


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


async def test_many_events_are_handled_as_one_batch_in_order_and_once(
    database: Database, tenant: Tenancy, recorder: Recorder
) -> None:
    kettle = new_id()
    await publish(database, tenant, *(boiled(kettle, version) for version in range(1, 31)))
    await publish_all(database)
    assert await catch_up(database, tenant, recorder.listener) == 30
    assert await catch_up(database, tenant, recorder.listener) == 0
    assert (recorder.batches, recorder.single) == ([list(range(1, 31))], [])


async def test_an_event_that_fails_is_dead_lettered_and_the_others_are_handled(
    database: Database, tenant: Tenancy, recorder: Recorder
) -> None:
    bad, good = new_id(), new_id()
    await publish(database, tenant, boiled(good, 1), boiled(bad, 10), boiled(good, 2), boiled(bad, 11), boiled(good, 3))
    await publish_all(database)
    recorder.fails_on = {bad}
    await catch_up(database, tenant, recorder.listener)
    assert (recorder.batches, recorder.single) == ([], [1, 2, 3])
    recorder.fails_on = set()
    await publish(database, tenant, boiled(bad, 12), boiled(good, 4))
    await publish_all(database)
    await catch_up(database, tenant, recorder.listener)
    assert (recorder.batches, recorder.single) == ([], [1, 2, 3, 4]), (
        "later events of the same aggregate are dead-lettered too"
    )
    assert await replay(database, tenant, recorder.listener) == (3, 0)
    assert recorder.single == [1, 2, 3, 4, 10, 11, 12]
