"""Keeping the search index: what is for sale can be found by its words, and nothing else can."""

from typing import Any
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.storefront.domain.listing import FOR_SALE
from luxewin.modules.storefront.domain.words import words_of
from luxewin.modules.storefront.repository import indexing

LONGEST_TITLE = 400
"""Folding may lengthen a name, and an index holds no entry above 2,700 bytes."""

_MOST_LABELS = 500


def learn(tx: Transaction, product_id: UUID, version: int, told: dict[str, Any]) -> None:
    """Let a product be found as its fact tells of it; a fact older than what is known changes nothing."""
    if told["status"] != FOR_SALE:
        forget(tx, product_id, version)
        return
    labels = [*told["tags"], *told["options"], *told["skus"], told["vendor_name"] or ""]
    words = indexing.Words(
        title=told["name"],
        title_words=" ".join(words_of(told["name"]))[:LONGEST_TITLE],
        labels=" ".join(words_of(" ".join(labels), most=_MOST_LABELS)),
        category=" ".join(words_of(told["category_path"] or "", most=_MOST_LABELS)),
        body=" ".join(words_of(told["description"])),
    )
    tx.write(indexing.put(tx.tenant_id, product_id, version, words))


def forget(tx: Transaction, product_id: UUID, version: int) -> None:
    """Let a product not be found any more."""
    tx.write(indexing.put_out(tx.tenant_id, product_id, version))


async def follow_category(tx: Transaction, category_id: UUID) -> None:
    """Let the products in a category, and in those below it, be found by the names that these have now."""
    for path, product_ids in await indexing.in_category(tx, category_id):
        tx.write(indexing.put_category(tx.tenant_id, product_ids, " ".join(words_of(path, most=_MOST_LABELS))))
        await tx.flush()
