"""Updating the search index from the events of the catalogue."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from luxewin.kit.events import Event
from luxewin.kit.messaging.listeners import Listener
from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog.events import CategoryChanged, ProductChanged, ProductCreated, ProductDeleted
from luxewin.modules.storefront.events import CategoryPartlyIndexed, VendorPartlyIndexed
from luxewin.modules.storefront.service import indexing, reindexing
from luxewin.modules.storefront.service.reindexing import Work
from luxewin.modules.vendors.events import VendorChanged


async def _index(tx: Transaction, event: Event) -> None:
    await _index_batch(tx, [event])


async def _index_batch(tx: Transaction, events: Sequence[Event]) -> None:
    latest = {event.aggregate_id: event for event in sorted(events, key=lambda event: event.aggregate_version)}
    deleted = {id_: event.aggregate_version for id_, event in latest.items() if event.type == ProductDeleted.type}
    changed = {id_: (event.aggregate_version, event.payload) for id_, event in latest.items() if id_ not in deleted}
    await indexing.update_index(tx, changed, deleted)


async def _reindex_category(tx: Transaction, event: Event) -> None:
    if event.payload["previous_path"] is not None:
        await reindexing.reindex_category(tx, Work(event.id), event.aggregate_id)


async def _continue_category(tx: Transaction, event: Event) -> None:
    category_id, after = (UUID(event.payload[name]) for name in ("category_id", "product_id"))
    await reindexing.reindex_category(tx, _work(event), category_id, after=after)


async def _reindex_vendor(tx: Transaction, event: Event) -> None:
    if event.payload["name"] != event.payload.get("previous_name"):
        await reindexing.reindex_vendor(tx, Work(event.id), event.aggregate_id)


async def _continue_vendor(tx: Transaction, event: Event) -> None:
    vendor_id, product_id = (UUID(event.payload[name]) for name in ("vendor_id", "product_id"))
    after = (datetime.fromisoformat(event.payload["product_created_at"]), product_id)
    await reindexing.reindex_vendor(tx, _work(event), vendor_id, after=after)


def _work(event: Event) -> Work:
    return Work(event.aggregate_id, event.aggregate_version)


LISTENER = Listener(
    name="storefront.search",
    handlers={
        ProductCreated.type: _index,
        ProductChanged.type: _index,
        ProductDeleted.type: _index,
        CategoryChanged.type: _reindex_category,
        CategoryPartlyIndexed.type: _continue_category,
        VendorChanged.type: _reindex_vendor,
        VendorPartlyIndexed.type: _continue_vendor,
    },
    batch_handler=_index_batch,
    batch_types={ProductCreated.type, ProductChanged.type, ProductDeleted.type},
)
