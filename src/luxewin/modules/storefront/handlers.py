"""What search learns from the catalogue's facts."""

from collections.abc import Sequence

from luxewin.kit.events import Event
from luxewin.kit.messaging.listeners import Listener
from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog.events import CategoryChanged, ProductChanged, ProductCreated, ProductDeleted
from luxewin.modules.storefront.service import indexing


async def _learn(tx: Transaction, event: Event) -> None:
    await _learn_all(tx, [event])


async def _learn_all(tx: Transaction, events: Sequence[Event]) -> None:
    latest = {event.aggregate_id: event for event in sorted(events, key=lambda event: event.aggregate_version)}
    gone = {id_: event.aggregate_version for id_, event in latest.items() if event.type == ProductDeleted.type}
    known = {id_: (event.aggregate_version, event.payload) for id_, event in latest.items() if id_ not in gone}
    indexing.learn(tx, known, gone)


async def _follow(tx: Transaction, event: Event) -> None:
    if event.payload["previous_path"] is not None:
        await indexing.follow_category(tx, event.aggregate_id)


LISTENER = Listener(
    name="storefront.search",
    handlers={
        ProductCreated.type: _learn,
        ProductChanged.type: _learn,
        ProductDeleted.type: _learn,
        CategoryChanged.type: _follow,
    },
    batch_handler=_learn_all,
    batch_types={ProductCreated.type, ProductChanged.type, ProductDeleted.type},
)
