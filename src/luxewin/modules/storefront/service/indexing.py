"""Keeping the search index: what is for sale can be found by its words, and nothing else can."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.storefront.domain.listing import FOR_SALE
from luxewin.modules.storefront.domain.words import words_of
from luxewin.modules.storefront.repository import indexing

LONGEST_TITLE = 400
"""Folding may lengthen a name, and an index holds no entry above 2,700 bytes."""

_MOST_LABELS = 500


def learn(tx: Transaction, told: Mapping[UUID, tuple[int, dict[str, Any]]], gone: Mapping[UUID, int]) -> None:
    """Let products be found as their facts tell of them, and those that are gone not be found any more.

    Both are told with the product's version; a fact older than what is known changes nothing.
    """
    found = {id_: (version, _words(fact)) for id_, (version, fact) in told.items() if fact["status"] == FOR_SALE}
    put_out = {id_: version for id_, (version, _) in told.items() if id_ not in found} | dict(gone)
    if found:
        tx.write(indexing.put(tx.tenant_id, found))
    if put_out:
        tx.write(indexing.put_out(tx.tenant_id, put_out))


def _words(told: dict[str, Any]) -> indexing.Words:
    labels = [*told["tags"], *told["options"], *told["skus"], told["vendor_name"] or ""]
    return indexing.Words(
        title=told["name"],
        title_words=" ".join(words_of(told["name"]))[:LONGEST_TITLE],
        labels=" ".join(words_of(" ".join(labels), most=_MOST_LABELS)),
        category=" ".join(words_of(told["category_path"] or "", most=_MOST_LABELS)),
        body=" ".join(words_of(told["description"])),
    )


async def follow_category(tx: Transaction, category_id: UUID) -> None:
    """Let the products in a category, and in those below it, be found by the names that these have now."""
    for path, product_ids in await indexing.in_category(tx, category_id):
        tx.write(indexing.put_category(tx.tenant_id, product_ids, " ".join(words_of(path, most=_MOST_LABELS))))
        await tx.flush()
