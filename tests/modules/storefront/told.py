"""Facts of the catalogue as the relay hands them to a listener."""

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


def created(name: str, **told: Any) -> ProductCreated:
    """Return the fact that a product of this name was created; what is not given is plain."""
    return replace(_PLAIN, **{"aggregate_id": new_id(), "name": name, **told})


async def tell(database: Database, tenant: Tenancy, *facts: DomainEvent) -> None:
    """Let the storefront's listener react to the facts, each in a transaction of its own."""
    for fact in facts:
        async with database.begin(tenant, SYSTEM) as tx:
            await LISTENER.handlers[fact.type](tx, _event(tenant, fact))


async def tell_together(database: Database, tenant: Tenancy, *facts: DomainEvent) -> None:
    """Let the storefront's listener react to all of the facts at once."""
    assert LISTENER.batch_handler is not None
    async with database.begin(tenant, SYSTEM) as tx:
        await LISTENER.batch_handler(tx, [_event(tenant, fact) for fact in facts])


def _event(tenant: Tenancy, fact: DomainEvent) -> Event:
    return Event(
        tenant_id=tenant.id,
        sequence=1,
        id=uuid4(),
        type=fact.type,
        schema_version=fact.schema_version,
        aggregate_id=fact.aggregate_id,
        aggregate_version=fact.aggregate_version,
        occurred_at=datetime.now(UTC),
        payload=orjson.loads(orjson.dumps(fact.payload(), default=str)),
    )


async def settle(database: Database, tenant: Tenancy) -> None:
    """Let the relay publish what was committed, and the storefront's listener take it in."""
    while await publish_batch(database, CHANNELS):
        continue
    await catch_up(database, tenant, LISTENER)
