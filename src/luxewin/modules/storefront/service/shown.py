"""Products as lists show them: read for who asks first, and kept in writing for all lists that show them next."""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.storefront.repository import products
from luxewin.modules.storefront.service.memory import Memory
from luxewin.modules.storefront.service.shaping import product_of, written
from luxewin.modules.storefront.service.versions import Versions

LARGEST_KEEP_BYTES = 8 << 20
_OVERHEAD_BYTES = 500


@dataclass(frozen=True, slots=True)
class Shown:
    """A product in writing, and the words in which a search looks for what it found."""

    json: bytes
    name: str
    description: str

    @classmethod
    def of(cls, row: Any) -> Self:
        """Write a product down."""
        return cls(written(product_of(row)), row["name"], row["description"])

    @property
    def size_bytes(self) -> int:
        """The memory that it takes, about."""
        return len(self.json) + len(self.description) + _OVERHEAD_BYTES


Reader = Callable[[Transaction, Sequence[UUID]], Awaitable[Mapping[UUID, Shown]]]
"""Returns of these products those that are for sale, by their ids."""


async def read_products(tx: Transaction, ids: Sequence[UUID]) -> Mapping[UUID, Shown]:
    """Read products from the catalogue."""
    return {row["id"]: Shown.of(row) for row in await products.whole(tx, ids)} if ids else {}


class KeptProducts:
    """Remembers products, so that many lists of a shop read each of them once for as long as it stays the same."""

    def __init__(
        self,
        versions: Versions,
        *,
        largest_bytes: int = LARGEST_KEEP_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._memory: Memory[Shown] = Memory(versions, largest_bytes=largest_bytes, clock=clock)

    async def read(self, tx: Transaction, ids: Sequence[UUID]) -> Mapping[UUID, Shown]:
        """Return the products from memory, and read those that it does not hold."""
        now = self._memory.now(tx.tenant_id)
        if now is None:
            return await read_products(tx, ids)
        recalled = {product_id: self._memory.recall(tx.tenant_id, product_id, now) for product_id in ids}
        known = {product_id: shown for product_id, shown in recalled.items() if shown is not None}
        read = await read_products(tx, [product_id for product_id in ids if product_id not in known])
        for product_id, shown in read.items():
            self._memory.keep(tx.tenant_id, product_id, shown, asked=now)
        return {**known, **read}
