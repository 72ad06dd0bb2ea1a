"""Keeping the search index: what is for sale can be found by its words, and nothing else can."""

from typing import Any
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.storefront.domain.listing import FOR_SALE
from luxewin.modules.storefront.domain.words import words_of
from luxewin.modules.storefront.repository import indexing


def learn(tx: Transaction, product_id: UUID, version: int, told: dict[str, Any]) -> None:
    """Let a product be found as its fact tells of it; a fact older than what is known changes nothing."""
    if told["status"] != FOR_SALE:
        forget(tx, product_id, version)
        return
    labels = [*told["tags"], *told["options"], *told["skus"], told["vendor_name"] or ""]
    words = indexing.Words(
        title=told["name"],
        title_words=_folded(told["name"]),
        labels=_folded(" ".join(labels)),
        category=_folded(told["category_path"] or ""),
        body=_folded(told["description"]),
    )
    tx.write(indexing.put(tx.tenant_id, product_id, version, words))


def forget(tx: Transaction, product_id: UUID, version: int) -> None:
    """Let a product not be found any more."""
    tx.write(indexing.put_out(tx.tenant_id, product_id, version))


async def follow_category(tx: Transaction, category_id: UUID) -> None:
    """Let the products in a category, and in those below it, be found by the names that these have now."""
    for path, product_ids in await indexing.in_category(tx, category_id):
        tx.write(indexing.put_category(tx.tenant_id, product_ids, _folded(path)))
        await tx.flush()


def _folded(text: str) -> str:
    return " ".join(words_of(text))
