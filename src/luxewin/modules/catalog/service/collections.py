"""Collections of products."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog.domain.collections import Collection
from luxewin.modules.catalog.domain.descriptions import sanitise
from luxewin.modules.catalog.domain.names import slugs_for
from luxewin.modules.catalog.errors import CollectionInvalid, CollectionUnknown, SlugTaken
from luxewin.modules.catalog.events import CollectionChanged, CollectionDeleted
from luxewin.modules.catalog.repository import collections as repository
from luxewin.modules.catalog.repository import placement
from luxewin.modules.catalog.repository.flushing import flush
from luxewin.modules.catalog.schemas.collections import CollectionBody, CollectionPatch


async def find_collection(tx: Transaction, wanted: UUID | str) -> Collection:
    """Return a collection by its id or slug.

    Raises:
        CollectionUnknown: there is none.
    """
    if isinstance(wanted, UUID):
        collection = await repository.with_id(tx, wanted)
    else:
        collection = await repository.with_id_or_slug(tx, wanted)
    if collection is None:
        raise CollectionUnknown
    return collection


async def read_collection(tx: Transaction, wanted: UUID | str) -> Collection:
    """Return a collection by its id or slug, for everybody but staff only with the products that are for sale.

    Raises:
        CollectionUnknown: there is none.
    """
    collection = await find_collection(tx, wanted)
    if tx.principal.is_staff or not collection.product_ids:
        return collection
    for_sale = await repository.for_sale(tx, collection.product_ids)
    return replace(collection, product_ids=tuple(each for each in collection.product_ids if each in for_sale))


async def list_collections(tx: Transaction, *, before: tuple[datetime, UUID] | None, limit: int) -> list[Collection]:
    """Return a page of collections, the newest first; only staff see products that are not for sale."""
    return await repository.page(tx, for_sale=not tx.principal.is_staff, before=before, limit=limit)


async def add_collection(tx: Transaction, body: CollectionBody) -> Collection:
    """Add a collection.

    Raises:
        CollectionInvalid: it names products that do not exist, or one twice.
        SlugTaken: another collection has its slug.
    """
    collection_id, at = new_id(), await tx.now()
    candidates = [body.slug] if body.slug else slugs_for(body.name, kind="collection", owner_id=collection_id)
    collection = Collection(
        id=collection_id,
        slug=await _free_slug(tx, candidates),
        name=body.name,
        description=sanitise(body.description),
        product_ids=await _products(tx, body.product_ids),
        created_at=at,
        updated_at=at,
        version=1,
    )
    tx.write(*repository.add(tx, collection))
    await _publish(tx, collection, before=None)
    return collection


async def change_collection(tx: Transaction, before: Collection, changes: Mapping[str, Any]) -> Collection:
    """Change a collection; `changes` may contain name, slug, description and product_ids.

    Raises: the errors of `add_collection`.
    """
    wanted = dict(changes)
    if "description" in wanted:
        wanted["description"] = sanitise(wanted["description"])
    if "product_ids" in wanted:
        wanted["product_ids"] = await _products(tx, wanted["product_ids"])
    after = replace(before, **wanted)
    if after == before:
        return before
    if after.slug != before.slug:
        await _free_slug(tx, [after.slug])
    after = replace(after, version=before.version + 1, updated_at=await tx.now())
    tx.write(*repository.change(tx, before, after))
    await _publish(tx, after, before=before)
    return after


async def delete_collection(tx: Transaction, collection: Collection) -> None:
    """Delete a collection, but not its products."""
    tx.write(*repository.delete(tx, collection))
    tx.publish(
        CollectionDeleted(aggregate_id=collection.id, aggregate_version=collection.version + 1, slug=collection.slug)
    )
    tx.audit("catalog.collection_deleted", target=collection.id, before=_audit_values(collection))
    await placement.notify_caches(tx)
    await flush(tx)


async def leave_collections(tx: Transaction, product_id: UUID) -> None:
    """Remove a product that is being deleted from all collections."""
    for before in await repository.with_product(tx, product_id):
        remaining = tuple(each for each in before.product_ids if each != product_id)
        after = replace(before, product_ids=remaining, version=before.version + 1)
        tx.write(*repository.change(tx, before, after))
        _publish_change(tx, after, before=before)


def changes_of(body: CollectionBody | CollectionPatch, *, replaces: bool) -> dict[str, Any]:
    """Return the changes of a body; if it `replaces`, omitted fields except the slug get their defaults."""
    names = type(body).model_fields.keys() if replaces else body.model_fields_set
    return {name: getattr(body, name) for name in names if name != "slug" or body.slug is not None}


async def _free_slug(tx: Transaction, candidates: Sequence[str]) -> str:
    for slug in candidates:
        if await repository.with_slug(tx, slug) is None:
            return slug
    raise SlugTaken


async def _products(tx: Transaction, product_ids: Sequence[UUID]) -> tuple[UUID, ...]:
    if len(set(product_ids)) < len(product_ids):
        raise CollectionInvalid(
            "A product can be in a collection only once; remove the repeated id", pointer="/product_ids"
        )
    existing = await repository.existing_products(tx, product_ids) if product_ids else set()
    missing = [str(product_id) for product_id in product_ids if product_id not in existing]
    if missing:
        raise CollectionInvalid(f"There is no product {', '.join(missing[:5])}", pointer="/product_ids")
    return tuple(product_ids)


async def _publish(tx: Transaction, collection: Collection, *, before: Collection | None) -> None:
    _publish_change(tx, collection, before=before)
    await placement.notify_caches(tx)
    await flush(tx)


def _publish_change(tx: Transaction, collection: Collection, *, before: Collection | None) -> None:
    tx.publish(
        CollectionChanged(
            aggregate_id=collection.id,
            aggregate_version=collection.version,
            slug=collection.slug,
            name=collection.name,
            product_ids=collection.product_ids,
        )
    )
    tx.audit(
        "catalog.collection_changed" if before else "catalog.collection_created",
        target=collection.id,
        before=_audit_values(before) if before else None,
        after=_audit_values(collection),
    )


def _audit_values(collection: Collection) -> dict[str, Any]:
    return {"slug": collection.slug, "name": collection.name, "product_ids": collection.product_ids}
