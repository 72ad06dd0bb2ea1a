"""Products are found by the current names of their vendor and category, which are indexed in resumable batches."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx2
import pytest

from luxewin.kit.database import Database
from luxewin.kit.ids import new_id
from luxewin.modules.catalog.events import ProductChanged
from luxewin.modules.storefront.events import CategoryPartlyIndexed, VendorPartlyIndexed
from luxewin.modules.storefront.repository.indexing import BATCH_SIZE
from tests.conftest import TestDatabase
from tests.modules.storefront.events import created, deliver, settle
from tests.modules.storefront.front import Shop

PRODUCTS = BATCH_SIZE + 100
FILL = f"""
    WITH p AS (
        INSERT INTO catalog_products (tenant_id, id, slug, name, sort_name, description, status, category_id, vendor_id,
            attributes, tags, images, options, currency, price_minor, extra, created_at, updated_at, version)
        SELECT $1::uuid, md5(n || $1::uuid::text)::uuid, 'p-' || n, 'Lamp', 'lamp', '', 'active', $2::uuid, $3::uuid,
            '{{}}', '{{}}', '[]', '[]', 'USD', n, '{{}}', now() - n / 2 * interval '1 second', now(), 1
        FROM generate_series(1, {PRODUCTS}) AS n RETURNING tenant_id, id, category_id
    ), c AS (
        INSERT INTO catalog_product_categories (tenant_id, category_id, product_id)
        SELECT tenant_id, category_id, id FROM p WHERE category_id IS NOT NULL
    )
    INSERT INTO storefront_search (tenant_id, product_id, product_version, title, title_words, document)
    SELECT tenant_id, id, 1, 'Lamp', 'lamp', array_to_tsvector(ARRAY['lamp', '@' || tenant_id]) FROM p
"""


class Filled:
    """A shop with many products of one vendor in one category."""

    def __init__(self, owner: TestDatabase, shop: Shop, vendor_id: str, category_id: str) -> None:
        self._owner = owner
        self._shop = shop
        self.vendor = f"/vendors/{vendor_id}"
        self.category = f"/categories/{category_id}"

    async def indexed(self, word: str) -> int:
        """Return how many products are indexed with a word."""
        ((number,),) = await self._owner.as_owner(
            "SELECT count(*) FROM storefront_search WHERE tenant_id = $1 AND document @@ to_tsquery('simple', $2)",
            self._shop.tenant.id,
            word,
        )
        return int(number)

    async def events(self, event_type: str) -> int:
        """Return the number of published events of a type."""
        ((number,),) = await self._owner.as_owner(
            "SELECT count(*) FROM kit_event_log WHERE tenant_id = $1 AND type = $2", self._shop.tenant.id, event_type
        )
        return int(number)

    async def products(self) -> list[UUID]:
        rows = await self._owner.as_owner("SELECT id FROM catalog_products WHERE tenant_id = $1", self._shop.tenant.id)
        return [row["id"] for row in rows]


@pytest.fixture
async def filled(shop: Shop, staff: httpx2.AsyncClient, test_database: TestDatabase) -> Filled:
    """A shop with more products of a vendor and a category than fit into one batch."""
    vendor = (await staff.post("/vendors", json={"name": "Alfa"})).json()
    category = (await staff.post("/categories", json={"name": "Seating"})).json()
    await test_database.as_owner(FILL, shop.tenant.id, category["id"], vendor["id"])
    return Filled(test_database, shop, vendor["id"], category["id"])


async def test_a_vendors_new_name_is_indexed_batch_by_batch(
    database: Database, shop: Shop, staff: httpx2.AsyncClient, filled: Filled
) -> None:
    await settle(database, shop.tenant)
    assert (await staff.patch(filled.vendor, json={"name": "Bravo"})).status_code == 200
    for expected in (BATCH_SIZE, PRODUCTS, PRODUCTS):
        await settle(database, shop.tenant)
        assert await filled.indexed("bravo") == expected, "each transaction indexes one batch"
    assert await filled.events(VendorPartlyIndexed.type) == 1


async def test_a_categorys_new_name_is_indexed_batch_by_batch(
    database: Database, shop: Shop, staff: httpx2.AsyncClient, filled: Filled
) -> None:
    await settle(database, shop.tenant)
    assert (await staff.put(filled.category, json={"name": "Benches"})).status_code == 200
    for expected in (BATCH_SIZE, PRODUCTS, PRODUCTS):
        await settle(database, shop.tenant)
        assert await filled.indexed("bench") == expected
    assert await filled.events(CategoryPartlyIndexed.type) == 1


async def test_the_last_of_two_names_is_indexed_even_if_their_batches_mix(
    database: Database, shop: Shop, staff: httpx2.AsyncClient, filled: Filled
) -> None:
    for name in ("Bravo", "Gamma"):
        await staff.patch(filled.vendor, json={"name": name})
        await settle(database, shop.tenant)
    for _ in range(2):
        await settle(database, shop.tenant)
    assert (await filled.indexed("bravo"), await filled.indexed("gamma")) == (0, PRODUCTS)


async def test_a_vendor_that_keeps_its_name_is_not_indexed_again(
    database: Database, shop: Shop, staff: httpx2.AsyncClient, filled: Filled
) -> None:
    await staff.patch(filled.vendor, json={"status": "suspended"})
    await settle(database, shop.tenant)
    assert await filled.indexed("alfa") == 0
    assert await filled.events(VendorPartlyIndexed.type) == 0


async def test_an_event_with_older_names_than_those_indexed_does_not_bring_them_back(
    database: Database, shop: Shop, staff: httpx2.AsyncClient, filled: Filled
) -> None:
    before = created("Lamp", vendor_name="Alfa", category_path="Seating")
    values: dict[str, Any] = before.payload()
    product_id = (await filled.products())[0]
    late = ProductChanged(**{**values, "aggregate_id": product_id, "aggregate_version": 2})
    await staff.patch(filled.vendor, json={"name": "Bravo"})
    await staff.put(filled.category, json={"name": "Benches"})
    await deliver(database, shop.tenant, late, replace(late, aggregate_id=new_id()))
    assert (await filled.indexed("bravo"), await filled.indexed("bench")) == (1, 1)
    assert (await filled.indexed("alfa"), await filled.indexed("seat")) == (1, 1), "of the one that is gone"
