"""Indexing the products of a vendor or a category again after its name has changed, batch by batch."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.storefront.domain.words import words_of
from luxewin.modules.storefront.events import CategoryPartlyIndexed, VendorPartlyIndexed
from luxewin.modules.storefront.repository import indexing
from luxewin.modules.storefront.service.indexing import MAX_LABELS, labels_of


@dataclass(frozen=True, slots=True)
class Work:
    """The work that an event caused, and the number of batches that were done."""

    id: UUID
    batches: int = 0


async def reindex_vendor(
    tx: Transaction, work: Work, vendor_id: UUID, *, after: tuple[datetime, UUID] | None = None
) -> None:
    """Index a batch of a vendor's products under its current name, newest first; publish where the next one begins.

    `after` is the time and the id of the last product of the previous batch.
    """
    batch = await indexing.of_vendor(tx, vendor_id, after=after)
    tx.write(indexing.put_labels(tx.tenant_id, {product.id: labels_of(product.labels) for product in batch}))
    if len(batch) == indexing.BATCH_SIZE:
        last = batch[-1]
        tx.publish(
            VendorPartlyIndexed(
                aggregate_id=work.id,
                aggregate_version=work.batches + 1,
                vendor_id=vendor_id,
                product_id=last.id,
                product_created_at=last.created_at.isoformat(),
            )
        )


async def reindex_category(tx: Transaction, work: Work, category_id: UUID, *, after: UUID | None = None) -> None:
    """Index a batch of the products in a category, and in those below it, under the current names of the categories.

    Publish where the next batch begins. `after` is the last product of the previous one.
    """
    batch = await indexing.in_category(tx, category_id, after=after)
    by_path: dict[str, list[UUID]] = defaultdict(list)
    for product_id, path in batch:
        by_path[path].append(product_id)
    for path in sorted(by_path):
        words = " ".join(words_of(path, max_words=MAX_LABELS))
        tx.write(indexing.put_category(tx.tenant_id, by_path[path], words))
        await tx.flush()
    if len(batch) == indexing.BATCH_SIZE:
        product_id, _ = batch[-1]
        tx.publish(
            CategoryPartlyIndexed(
                aggregate_id=work.id,
                aggregate_version=work.batches + 1,
                category_id=category_id,
                product_id=product_id,
            )
        )
