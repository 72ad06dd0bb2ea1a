"""Listeners that take many events in at once: the same effect, once, and one that cannot be handled stops no other."""

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


class Canteen:
    """A listener that remembers what it heard together and alone, and chokes on what it is told to."""

    def __init__(self) -> None:
        self.together: list[list[int]] = []
        self.alone: list[int] = []
        self.chokes_on: set[UUID] = set()
        self.listener = Listener(
            "tests.canteen",
            {KettleBoiled.type: self.hear},
            batch_handler=self.hear_all,
            batch_types={KettleBoiled.type},
        )

    async def hear(self, _tx: Transaction, event: Event) -> None:
        if event.aggregate_id in self.chokes_on:
            raise ValueError("burnt")
        self.alone.append(event.aggregate_version)

    async def hear_all(self, _tx: Transaction, events: Sequence[Event]) -> None:
        if self.chokes_on & {event.aggregate_id for event in events}:
            raise ValueError("burnt")
        self.together.append([event.aggregate_version for event in events])


@pytest.fixture
def canteen() -> Canteen:
    return Canteen()


async def test_many_events_are_handled_as_one_batch_in_order_and_once(
    database: Database, tenant: Tenancy, canteen: Canteen
) -> None:
    kettle = new_id()
    await publish(database, tenant, *(boiled(kettle, version) for version in range(1, 31)))
    await publish_all(database)
    assert await catch_up(database, tenant, canteen.listener) == 30
    assert await catch_up(database, tenant, canteen.listener) == 0
    assert (canteen.together, canteen.alone) == ([list(range(1, 31))], [])


async def test_an_event_that_fails_is_dead_lettered_and_the_others_are_handled(
    database: Database, tenant: Tenancy, canteen: Canteen
) -> None:
    bad, good = new_id(), new_id()
    await publish(database, tenant, boiled(good, 1), boiled(bad, 10), boiled(good, 2), boiled(bad, 11), boiled(good, 3))
    await publish_all(database)
    canteen.chokes_on = {bad}
    await catch_up(database, tenant, canteen.listener)
    assert (canteen.together, canteen.alone) == ([], [1, 2, 3])
    canteen.chokes_on = set()
    await publish(database, tenant, boiled(bad, 12), boiled(good, 4))
    await publish_all(database)
    await catch_up(database, tenant, canteen.listener)
    assert (canteen.together, canteen.alone) == ([], [1, 2, 3, 4]), "what is behind a parked event waits with it"
    assert await replay(database, tenant, canteen.listener) == (3, 0)
    assert canteen.alone == [1, 2, 3, 4, 10, 11, 12]
