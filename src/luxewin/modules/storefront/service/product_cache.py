"""Serialised products, cached so that many lists of a tenant read each product once."""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from luxewin.kit.http.public_urls import current_base_url
from luxewin.kit.transaction import Transaction
from luxewin.modules.storefront.repository import products
from luxewin.modules.storefront.service.cache_versions import CacheVersions
from luxewin.modules.storefront.service.serialising import product_of, to_json
from luxewin.modules.storefront.service.versioned_cache import VersionedCache

MAX_BYTES = 8 << 20
_OVERHEAD_BYTES = 500


@dataclass(frozen=True, slots=True)
class SerialisedProduct:
    """A product as JSON, and the texts in which a search highlights matches."""

    json: bytes
    name: str
    description: str

    @classmethod
    def of(cls, row: Any) -> Self:
        """Serialise a product."""
        return cls(to_json(product_of(row)), row["name"], row["description"])

    @property
    def size_bytes(self) -> int:
        """The memory that it takes, approximately."""
        return len(self.json) + len(self.description) + _OVERHEAD_BYTES


ReadProducts = Callable[[Transaction, Sequence[UUID]], Awaitable[Mapping[UUID, SerialisedProduct]]]
"""Returns the products with these ids that are for sale, by id."""


async def read_products(tx: Transaction, ids: Sequence[UUID]) -> Mapping[UUID, SerialisedProduct]:
    """Read products from the database."""
    return {row["id"]: SerialisedProduct.of(row) for row in await products.by_ids(tx, ids)} if ids else {}


async def read_any_products(tx: Transaction, ids: Sequence[UUID]) -> Mapping[UUID, SerialisedProduct]:
    """Read products from the database, whatever their status."""
    rows = await products.by_ids(tx, ids, for_sale=False) if ids else []
    return {row["id"]: SerialisedProduct.of(row) for row in rows}


class ProductCache:
    """Caches products while the version of their tenant stays the same."""

    def __init__(
        self,
        versions: CacheVersions,
        *,
        max_bytes: int = MAX_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._cache: VersionedCache[SerialisedProduct] = VersionedCache(versions, max_bytes=max_bytes, clock=clock)

    async def read(self, tx: Transaction, ids: Sequence[UUID]) -> Mapping[UUID, SerialisedProduct]:
        """Return products from the cache, and read the others from the database."""
        now = self._cache.read_point(tx.tenant_id)
        if now is None:
            return await read_products(tx, ids)
        base_url = current_base_url()  # a serialised product contains absolute URLs
        looked_up = {product_id: self._cache.get(tx.tenant_id, (base_url, product_id), now) for product_id in ids}
        cached = {product_id: product for product_id, product in looked_up.items() if product is not None}
        read = await read_products(tx, [product_id for product_id in ids if product_id not in cached])
        for product_id, product in read.items():
            self._cache.put(tx.tenant_id, (base_url, product_id), product, read_at=now)
        return {**cached, **read}
