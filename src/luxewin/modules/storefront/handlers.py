"""What search learns from the catalogue's facts."""

from luxewin.kit.events import Event
from luxewin.kit.messaging.listening import Listener
from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog.events import CategoryChanged, ProductChanged, ProductCreated, ProductDeleted
from luxewin.modules.storefront.service import indexing


async def _learn(tx: Transaction, event: Event) -> None:
    indexing.learn(tx, event.aggregate_id, event.aggregate_version, event.payload)


async def _forget(tx: Transaction, event: Event) -> None:
    indexing.forget(tx, event.aggregate_id, event.aggregate_version)


async def _follow(tx: Transaction, event: Event) -> None:
    if event.payload["previous_path"] is not None:
        await indexing.follow_category(tx, event.aggregate_id)


LISTENER = Listener(
    name="storefront.search",
    reactions={
        ProductCreated.type: _learn,
        ProductChanged.type: _learn,
        ProductDeleted.type: _forget,
        CategoryChanged.type: _follow,
    },
)
