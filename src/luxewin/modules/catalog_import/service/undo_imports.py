"""Undoing an import, latest change first: created products are deleted, changed products are restored."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog import public as catalog
from luxewin.modules.catalog.public import CountedStock
from luxewin.modules.catalog.public.values import Change, Product, given_up_skus, taken_skus
from luxewin.modules.catalog_import.domain.imports import Import, ImportStatus
from luxewin.modules.catalog_import.domain.shopify_csv import RowError, columns
from luxewin.modules.catalog_import.errors import ImportNotUndoable
from luxewin.modules.catalog_import.repository import import_changes
from luxewin.modules.catalog_import.repository import imports as repository
from luxewin.modules.catalog_import.repository.import_changes import ChangeToUndo
from luxewin.modules.catalog_import.service.track_imports import ImportOptions, find_import, new_import
from luxewin.modules.inventory import public as inventory
from luxewin.modules.vendors import public as vendors

REASON = "import undone"
"""The reason of stock movements caused by an undo."""

BATCH_CHANGES = 500
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class UndoneBatch:
    """The result of a batch: the number of changes, and of products that were deleted or restored."""

    changes: int
    deleted: int
    restored: int
    errors: Sequence[RowError]


async def queue_undo(tx: Transaction, import_id: UUID) -> Import:
    """Queue the import that undoes this one, and wake a worker.

    Raises:
        ImportUnknown: there is none.
        ImportNotUndoable: a later change would be lost, or there is nothing to undo.
    """
    found = await find_import(tx, import_id)
    await _must_be_undoable(tx, found)
    options = ImportOptions(format=found.format, stock=found.stock, on_error=found.on_error, variants=found.variants)
    undo = new_import(found.file_name, options, at=await tx.now(), undoes=found.id)
    undo = replace(undo, total=found.written)
    tx.write(repository.add(tx, undo))
    await tx.flush()
    tx.write(repository.set_undone_by(tx, found, undo_id=undo.id))
    tx.audit("catalog.import_undo_queued", target=found.id, after={"undone_by": undo.id})
    await repository.notify_workers(tx)
    return undo


async def last_import(tx: Transaction) -> UUID:
    """Return the latest import that has changed anything and is not undone.

    Raises:
        ImportNotUndoable: there is none.
    """
    last = await repository.last_import(tx)
    if last is None:
        raise ImportNotUndoable("There is no import with changes to undo", reason="nothing_changed")
    return last


async def undo_batch(
    tx: Transaction, import_id: UUID, *, limit: int = BATCH_CHANGES, waits: bool = True
) -> UndoneBatch | None:
    """Undo at most `limit` of an import's changes, the latest first; return None if none is left.

    A product that was changed since stays unchanged and is reported as an error; without `waits` so is a product that
    another transaction has locked.

    Raises:
        CatalogueMoved: another transaction changed one of the products at the same moment.
    """
    changes = await import_changes.changes_to_undo(tx, import_id, limit=limit)
    if not changes:
        return None
    errors: list[RowError] = []
    product_ids = [change.product_id for change in changes]
    await catalog.lock_categories(
        tx, {each.before.content.category_id for each in changes if each.before and each.before.content.category_id}
    )
    locked = await catalog.lock_by_id(tx, product_ids, waits=waits)
    current = await catalog.products_by_id(tx, product_ids)
    free = [change for change in changes if _is_free(change, current, locked, errors)]
    unchanged = [change for change in free if _is_unchanged(change, current.get(change.product_id), errors)]
    created = [current[change.product_id] for change in unchanged if change.before is None]
    if created:
        await catalog.remove_products(tx, created)
    restored = await _restore(tx, [change for change in unchanged if change.before is not None], current, errors)
    await _revert_stock(tx, unchanged, errors)
    tx.write(import_changes.mark_undone(tx, import_id, [change.number for change in changes]))
    return UndoneBatch(len(changes), deleted=len(created), restored=restored, errors=errors)


def _is_free(
    change: ChangeToUndo, current: Mapping[UUID, Product], locked: Collection[UUID], errors: list[RowError]
) -> bool:
    if change.product_id in locked or change.product_id not in current:
        return True
    message = f"Other requests are changing the product {change.slug!r}; it was left as it is"
    errors.append(RowError(change.line, None, "product_busy", message))
    return False


def _is_unchanged(change: ChangeToUndo, product: Product | None, errors: list[RowError]) -> bool:
    if product is not None and product.version == change.version:
        return True
    message = f"The product {change.slug!r} was changed after the import and was left as it is"
    errors.append(RowError(change.line, None, "changed_since", message))
    return False


async def _restore(
    tx: Transaction, changes: Sequence[ChangeToUndo], current: Mapping[UUID, Product], errors: list[RowError]
) -> int:
    """Restore products to their content before the import; return their number."""
    if not changes:
        return 0
    reverted = await _reverted_changes(tx, changes, current)
    owners = await catalog.sku_owners(tx, {sku for each in reverted.values() for sku in each.skus_after})
    given_up = given_up_skus(reverted.values())
    for line, change in list(reverted.items()):
        for sku, slug in taken_skus(change, owners, given_up).items():
            message = f"The SKU {sku[:80]!r} belongs to the product {slug!r} now; change it there to restore this one"
            errors.append(RowError(line, columns.SKU, "sku_taken", message))
            reverted.pop(line, None)
    differing = [each for each in reverted.values() if each.before and each.before.content != each.content]
    if differing:
        currency = next(iter(current.values())).currency
        await catalog.save_products(tx, differing, currency=currency, counted=CountedStock(), reason=REASON)
    return len(reverted)


async def _reverted_changes(
    tx: Transaction, changes: Sequence[ChangeToUndo], current: Mapping[UUID, Product]
) -> dict[int, Change]:
    """Return the changes that restore the products, by line in the file."""
    snapshots = {change.line: change.before for change in changes if change.before is not None}
    contents = [snapshot.content for snapshot in snapshots.values()]
    categories = await catalog.lock_categories(tx, {each.category_id for each in contents if each.category_id})
    names = await vendors.find_vendors(tx, {each.vendor_id for each in contents if each.vendor_id})
    is_deleted = await catalog.are_variants_deleted(
        tx, {variant_id for snapshot in snapshots.values() for variant_id in snapshot.variant_ids}
    )
    reverted = {}
    for change in changes:
        assert change.before is not None
        content = change.before.content
        category = categories.get(content.category_id) if content.category_id else None
        vendor = names.get(content.vendor_id) if content.vendor_id else None
        reverted[change.line] = Change(
            product_id=change.product_id,
            before=current[change.product_id],
            content=replace(content, category_id=category.id if category else None),
            variant_ids=change.before.variant_ids,
            lineage=category.lineage if category else (),
            category_path=category.path if category else None,
            vendor_name=vendor.name if vendor else None,
            revived_ids=frozenset(variant_id for variant_id in change.before.variant_ids if is_deleted[variant_id]),
        )
    return reverted


async def _revert_stock(tx: Transaction, changes: Sequence[ChangeToUndo], errors: list[RowError]) -> None:
    """Reverse the import's adjustments of counted stock; later sales are not affected."""
    deltas = {variant_id: -delta for change in changes for variant_id, delta in change.stock_deltas.items()}
    lines = {variant_id: change.line for change in changes for variant_id in change.stock_deltas}
    while deltas:
        try:
            await inventory.correct(tx, deltas, REASON)
        except inventory.StockReserved as error:
            variant_id = error.facts["variant_id"]
            message = (
                f"{-deltas[variant_id]:,} units cannot be subtracted: fewer are available; the stock was left as it is"
            )
            errors.append(RowError(lines[variant_id], columns.QUANTITY, "stock_sold", message))
            del deltas[variant_id]
        else:
            return


async def _must_be_undoable(tx: Transaction, found: Import) -> None:
    if found.status in {ImportStatus.QUEUED, ImportStatus.RUNNING}:
        raise ImportNotUndoable("The import is not finished yet; wait until it is finished", reason="not_finished")
    if found.undone_by is not None:
        raise ImportNotUndoable("The import is undone already", reason="undone", undone_by=found.undone_by)
    if found.dry_run or found.undoes is not None or not found.written:
        raise ImportNotUndoable("The import has changed nothing", reason="nothing_changed")
    later = await repository.later_import(tx, found)
    if later is not None:
        message = f"Only the last import can be undone; undo {later} first"
        raise ImportNotUndoable(message, reason="not_last", later_import=later)
    await _must_lose_nothing(tx, found)


async def _must_lose_nothing(tx: Transaction, found: Import) -> None:
    if not await import_changes.page(tx, found.id, outcome=None, after=0, limit=1):
        message = f"The import is older than {import_changes.KEPT_DAYS} days; its changes are no longer stored"
        raise ImportNotUndoable(message, reason="forgotten")
    for reason, query, message in (
        ("changed_since", import_changes.products_changed_since, "These products were changed after the import"),
        ("category_gone", import_changes.products_without_category, "The categories of these products were deleted"),
    ):
        slugs = await query(tx, found.id, limit=_MOST_NAMED + 1)
        if slugs:
            listed = ", ".join(slugs[:_MOST_NAMED]) + (" …" if len(slugs) > _MOST_NAMED else "")
            raise ImportNotUndoable(f"{message}: {listed}", reason=reason, products=slugs[:_MOST_NAMED])
    added = await import_changes.added_stock(tx, found.id)
    stock = await inventory.availability(tx, sorted(added)) if added else {}
    sold = [id_ for id_, delta in added.items() if id_ not in stock or (stock[id_].stock or 0) < delta]
    if sold:
        message = "Of the stock that the import added, too much has been sold or reserved to subtract it again"
        raise ImportNotUndoable(message, reason="stock_sold", variants=sold[:_MOST_NAMED])
