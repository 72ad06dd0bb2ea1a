"""Events of the catalogue as the relay delivers them to a listener."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import orjson

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.events import DomainEvent, Event
from luxewin.kit.ids import new_id
from luxewin.kit.messaging.listeners import catch_up
from luxewin.kit.messaging.relay import publish_batch
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.catalog.events import ProductCreated
from luxewin.modules.storefront.handlers import LISTENER
from luxewin.modules.storefront.public import CHANNELS

_PLAIN = ProductCreated(
    aggregate_id=UUID(int=0),
    aggregate_version=1,
    slug="a-product",
    name="A Product",
    description="",
    status="active",
    tags=(),
    category_id=None,
    category_path=None,
    vendor_id=None,
    vendor_name=None,
    skus=(),
    options=(),
    variant_ids=(),
    price_minor=1000,
    currency="USD",
    image_url=None,
)


def created(name: str, **fields: Any) -> ProductCreated:
    """Return the event that a product of this name was created, with these fields."""
    return replace(_PLAIN, **{"aggregate_id": new_id(), "name": name, **fields})


async def deliver(database: Database, tenant: Tenancy, *events: DomainEvent) -> None:
    """Deliver events to the storefront's listener, each in a transaction of its own."""
    for event in events:
        async with database.begin(tenant, SYSTEM) as tx:
            await LISTENER.handlers[event.type](tx, _event(tenant, event))


async def deliver_batch(database: Database, tenant: Tenancy, *events: DomainEvent) -> None:
    """Deliver events to the storefront's listener in one batch."""
    assert LISTENER.batch_handler is not None
    async with database.begin(tenant, SYSTEM) as tx:
        await LISTENER.batch_handler(tx, [_event(tenant, event) for event in events])


def _event(tenant: Tenancy, event: DomainEvent) -> Event:
    return Event(
        tenant_id=tenant.id,
        sequence=1,
        id=uuid4(),
        type=event.type,
        schema_version=event.schema_version,
        aggregate_id=event.aggregate_id,
        aggregate_version=event.aggregate_version,
        occurred_at=datetime.now(UTC),
        payload=orjson.loads(orjson.dumps(event.payload(), default=str)),
    )


async def settle(database: Database, tenant: Tenancy) -> None:
    """Publish committed events, and deliver them to the storefront's listener."""
    while await publish_batch(database, CHANNELS):
        continue
    await catch_up(database, tenant, LISTENER)
