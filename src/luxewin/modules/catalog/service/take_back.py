"""Taking an import back: what it created goes, what it changed is again what it was, latest change first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog.domain.categories import Category
from luxewin.modules.catalog.domain.changes import Change, given_up_skus, taken_skus
from luxewin.modules.catalog.domain.imports import Import, ImportStatus
from luxewin.modules.catalog.domain.products import Product
from luxewin.modules.catalog.domain.shopify_csv import RowError, columns
from luxewin.modules.catalog.errors import ImportNotUndoable
from luxewin.modules.catalog.repository import categories, import_changes
from luxewin.modules.catalog.repository import imports as repository
from luxewin.modules.catalog.repository import products as products_repository
from luxewin.modules.catalog.repository.import_changes import ToTakeBack
from luxewin.modules.catalog.service.save_products import Counted, remove, save
from luxewin.modules.catalog.service.track_imports import Handling, find_import, new_import
from luxewin.modules.inventory import public as inventory
from luxewin.modules.vendors import public as vendors

REASON = "product file taken back"
BATCH_CHANGES = 500
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A batch of changes that stand no longer: how many, and how many products went or are again what they were."""

    changes: int
    removed: int
    restored: int
    errors: Sequence[RowError]


async def queue_undo(tx: Transaction, import_id: UUID) -> Import:
    """Queue the import that takes this one's changes back, and wake a worker.

    Raises:
        ImportUnknown: there is none.
        ImportNotUndoable: something would be lost, or there is nothing to take back.
    """
    found = await find_import(tx, import_id)
    await _must_be_undoable(tx, found)
    handling = Handling(format=found.format, stock=found.stock, on_error=found.on_error)
    undo = new_import(found.file_name, handling, at=await tx.now(), undoes=found.id)
    undo = replace(undo, total=found.written)
    tx.write(repository.add(tx, undo))
    await tx.flush()
    tx.write(repository.note_undone(tx, found, by=undo.id))
    tx.audit("catalog.import_undo_queued", target=found.id, after={"undone_by": undo.id})
    await repository.wake_workers(tx)
    return undo


async def last_import(tx: Transaction) -> UUID:
    """Return the import that can be taken back, if any.

    Raises:
        ImportNotUndoable: no import has changed anything that still stands.
    """
    last = await repository.last_import(tx)
    if last is None:
        raise ImportNotUndoable("No import has changed anything that still stands", reason="nothing_changed")
    return last


async def take_back_batch(tx: Transaction, import_id: UUID) -> TakenBack | None:
    """Take some of an import's changes back, the latest first; None where none is left.

    A product that was changed by somebody else meanwhile stays as it is, and is told.

    Raises:
        CatalogueMoved: somebody changed one of the products at the same moment.
    """
    changes = await import_changes.to_take_back(tx, import_id, limit=BATCH_CHANGES)
    if not changes:
        return None
    errors: list[RowError] = []
    current = await products_repository.with_ids(tx, [change.product_id for change in changes])
    standing = [change for change in changes if _still_stands(change, current.get(change.product_id), errors)]
    created = [current[change.product_id] for change in standing if change.before is None]
    if created:
        await remove(tx, created)
    restored = await _restored(tx, [change for change in standing if change.before is not None], current, errors)
    await _stock_moved_back(tx, standing, errors)
    tx.write(import_changes.note_taken_back(tx, import_id, [change.number for change in changes]))
    return TakenBack(len(changes), removed=len(created), restored=restored, errors=errors)


def _still_stands(change: ToTakeBack, product: Product | None, errors: list[RowError]) -> bool:
    if product is not None and product.version == change.version:
        return True
    message = f"The product {change.slug!r} has been changed since, and stays as it is"
    errors.append(RowError(change.line, None, "changed_since", message))
    return False


async def _restored(
    tx: Transaction, changes: Sequence[ToTakeBack], current: Mapping[UUID, Product], errors: list[RowError]
) -> int:
    """Bring products back to what they were; return how many."""
    if not changes:
        return 0
    before = await _changes_back(tx, changes, current)
    owners = await products_repository.sku_owners(tx, {sku for each in before.values() for sku in each.skus_after})
    given_up = given_up_skus(before.values())
    for line, change in list(before.items()):
        for sku, slug in taken_skus(change, owners, given_up).items():
            message = f"The product {slug!r} has the SKU {sku[:80]!r} by now"
            errors.append(RowError(line, columns.SKU, "sku_taken", message))
            before.pop(line, None)
    differing = [each for each in before.values() if each.before and each.before.content != each.content]
    if differing:
        currency = next(iter(current.values())).currency
        await save(tx, differing, currency=currency, counted=Counted(), reason=REASON)
    return len(before)


async def _changes_back(
    tx: Transaction, changes: Sequence[ToTakeBack], current: Mapping[UUID, Product]
) -> dict[int, Change]:
    """Return, by the line in the file, the changes that undo these."""
    snapshots = {change.line: change.before for change in changes if change.before is not None}
    contents = [snapshot.content for snapshot in snapshots.values()]
    places = await categories.keep_in_place(tx, {each.category_id for each in contents if each.category_id})
    names = await vendors.find_vendors(tx, {each.vendor_id for each in contents if each.vendor_id})
    gone = await products_repository.fates_of_variants(
        tx, {variant_id for snapshot in snapshots.values() for variant_id in snapshot.variant_ids}
    )
    undone = {}
    for change in changes:
        assert change.before is not None
        content = change.before.content
        place: Category | None = places.get(content.category_id) if content.category_id else None
        vendor = names.get(content.vendor_id) if content.vendor_id else None
        undone[change.line] = Change(
            product_id=change.product_id,
            before=current[change.product_id],
            content=replace(content, category_id=place.id if place else None),
            variant_ids=change.before.variant_ids,
            lineage=place.lineage if place else (),
            category_path=place.path if place else None,
            vendor_name=vendor.name if vendor else None,
            revived_ids=frozenset(variant_id for variant_id in change.before.variant_ids if gone[variant_id]),
        )
    return undone


async def _stock_moved_back(tx: Transaction, changes: Sequence[ToTakeBack], errors: list[RowError]) -> None:
    """Move counted stock back by what the import had moved it; what was sold since stays sold."""
    deltas = {variant_id: -delta for change in changes for variant_id, delta in change.moved.items()}
    lines = {variant_id: change.line for change in changes for variant_id in change.moved}
    while deltas:
        try:
            await inventory.correct(tx, deltas, REASON)
        except inventory.StockReserved as error:
            variant_id = error.facts["variant_id"]
            message = "More pieces than are left would have to go; the stock stays as it is"
            errors.append(RowError(lines[variant_id], columns.QUANTITY, "stock_sold", message))
            del deltas[variant_id]
        else:
            return


async def _must_be_undoable(tx: Transaction, found: Import) -> None:
    if found.status in {ImportStatus.QUEUED, ImportStatus.RUNNING}:
        raise ImportNotUndoable("The import is not finished", reason="not_finished")
    if found.undone_by is not None:
        raise ImportNotUndoable("The import has been taken back", reason="undone", undone_by=found.undone_by)
    if found.dry_run or found.undoes is not None or not found.written:
        raise ImportNotUndoable("The import has changed nothing", reason="nothing_changed")
    later = await repository.later_import(tx, found)
    if later is not None:
        message = "Only the last import can be taken back, and there is a later one"
        raise ImportNotUndoable(message, reason="not_last", later_import=later)
    await _must_lose_nothing(tx, found)


async def _must_lose_nothing(tx: Transaction, found: Import) -> None:
    if not await import_changes.page(tx, found.id, outcome=None, after=0, limit=1):
        raise ImportNotUndoable("The import is too long ago; its changes are not kept any more", reason="forgotten")
    for reason, question, message in (
        ("changed_since", import_changes.moved_on, "These products were changed since"),
        ("category_gone", import_changes.lost_categories, "The categories of these products are gone"),
    ):
        slugs = await question(tx, found.id, limit=_MOST_NAMED + 1)
        if slugs:
            named = ", ".join(slugs[:_MOST_NAMED]) + (" …" if len(slugs) > _MOST_NAMED else "")
            raise ImportNotUndoable(f"{message}: {named}", reason=reason, products=slugs[:_MOST_NAMED])
    moved = await import_changes.moved_stock(tx, found.id)
    left = await inventory.available(tx, sorted(moved)) if moved else {}
    sold = [variant_id for variant_id, delta in moved.items() if (left.get(variant_id) or 0) < delta]
    if sold:
        message = "Of what the import added to the stock, more has been sold than can be taken back"
        raise ImportNotUndoable(message, reason="stock_sold", variants=sold[:_MOST_NAMED])
