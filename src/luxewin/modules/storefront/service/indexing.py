"""Updating the search index, which contains only the products for sale."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.storefront.domain.listing import FOR_SALE
from luxewin.modules.storefront.domain.words import words_of
from luxewin.modules.storefront.repository import indexing

LONGEST_TITLE = 400
"""Folding may lengthen a name, and a B-tree index entry must not exceed 2,700 bytes."""

_MAX_LABELS = 500


def update_index(
    tx: Transaction, changed: Mapping[UUID, tuple[int, dict[str, Any]]], deleted: Mapping[UUID, int]
) -> None:
    """Index products from the payloads of their events, and remove products that are no longer for sale.

    An event that is older than the indexed version changes nothing.
    """
    indexed = {
        id_: (version, _words(product)) for id_, (version, product) in changed.items() if product["status"] == FOR_SALE
    }
    removed = {id_: version for id_, (version, _) in changed.items() if id_ not in indexed} | dict(deleted)
    if indexed:
        tx.write(indexing.put(tx.tenant_id, indexed))
    if removed:
        tx.write(indexing.remove(tx.tenant_id, removed))


async def reindex_vendor(tx: Transaction, vendor_id: UUID) -> None:
    """Index the products of a vendor under its current name."""
    after: UUID | None = None
    while batch := await indexing.of_vendor(tx, vendor_id, after=after):
        labels = {product_id: _labels(text) for product_id, text in batch}
        tx.write(indexing.put_labels(tx.tenant_id, labels))
        await tx.flush()
        after = batch[-1][0]


def _labels(text: str) -> str:
    return " ".join(words_of(text, max_words=_MAX_LABELS))


def _words(product: dict[str, Any]) -> indexing.Words:
    labels = [*product["tags"], *product["options"], *product["skus"], product["vendor_name"] or ""]
    return indexing.Words(
        title=product["name"],
        title_words=" ".join(words_of(product["name"]))[:LONGEST_TITLE],
        labels=_labels(" ".join(labels)),
        category=" ".join(words_of(product["category_path"] or "", max_words=_MAX_LABELS)),
        body=" ".join(words_of(product["description"])),
    )


async def reindex_category(tx: Transaction, category_id: UUID) -> None:
    """Index the products in a category, and in those below it, under the current names of the categories."""
    for path, product_ids in await indexing.in_category(tx, category_id):
        tx.write(indexing.put_category(tx.tenant_id, product_ids, " ".join(words_of(path, max_words=_MAX_LABELS))))
        await tx.flush()
