"""Updating the search index from the events of the catalogue."""

from collections.abc import Sequence

from luxewin.kit.events import Event
from luxewin.kit.messaging.listeners import Listener
from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog.events import CategoryChanged, ProductChanged, ProductCreated, ProductDeleted
from luxewin.modules.storefront.service import indexing
from luxewin.modules.vendors.events import VendorChanged


async def _index(tx: Transaction, event: Event) -> None:
    await _index_batch(tx, [event])


async def _index_batch(tx: Transaction, events: Sequence[Event]) -> None:
    latest = {event.aggregate_id: event for event in sorted(events, key=lambda event: event.aggregate_version)}
    deleted = {id_: event.aggregate_version for id_, event in latest.items() if event.type == ProductDeleted.type}
    changed = {id_: (event.aggregate_version, event.payload) for id_, event in latest.items() if id_ not in deleted}
    indexing.update_index(tx, changed, deleted)


async def _reindex_category(tx: Transaction, event: Event) -> None:
    if event.payload["previous_path"] is not None:
        await indexing.reindex_category(tx, event.aggregate_id)


async def _reindex_vendor(tx: Transaction, event: Event) -> None:
    await indexing.reindex_vendor(tx, event.aggregate_id)


LISTENER = Listener(
    name="storefront.search",
    handlers={
        ProductCreated.type: _index,
        ProductChanged.type: _index,
        ProductDeleted.type: _index,
        CategoryChanged.type: _reindex_category,
        VendorChanged.type: _reindex_vendor,
    },
    batch_handler=_index_batch,
    batch_types={ProductCreated.type, ProductChanged.type, ProductDeleted.type},
)
