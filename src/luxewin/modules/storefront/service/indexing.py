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

MAX_LABELS = 500
"""The largest number of words of labels, and of a category's path, that are indexed."""


async def update_index(
    tx: Transaction, changed: Mapping[UUID, tuple[int, dict[str, Any]]], deleted: Mapping[UUID, int]
) -> None:
    """Index products from the payloads of their events, and remove products that are no longer for sale.

    An event that is older than the indexed version changes nothing. Vendors and categories have their current names:
    those in the payload may be older than a change whose products were already indexed again.
    """
    for_sale = {id_: event for id_, event in changed.items() if event[1]["status"] == FOR_SALE}
    names = await indexing.current_names(tx, list(for_sale)) if for_sale else {}
    indexed = {id_: (version, _words(product | names.get(id_, {}))) for id_, (version, product) in for_sale.items()}
    removed = {id_: version for id_, (version, _) in changed.items() if id_ not in indexed} | dict(deleted)
    if indexed:
        tx.write(indexing.put(tx.tenant_id, indexed))
    if removed:
        tx.write(indexing.remove(tx.tenant_id, removed))


def labels_of(text: str) -> str:
    """Return the folded words of tags, options, SKUs and the vendor's name."""
    return " ".join(words_of(text, max_words=MAX_LABELS))


def _words(product: dict[str, Any]) -> indexing.Words:
    labels = [*product["tags"], *product["options"], *product["skus"], product["vendor_name"] or ""]
    return indexing.Words(
        title=product["name"],
        title_words=" ".join(words_of(product["name"]))[:LONGEST_TITLE],
        labels=labels_of(" ".join(labels)),
        category=" ".join(words_of(product["category_path"] or "", max_words=MAX_LABELS)),
        body=" ".join(words_of(product["description"])),
    )
