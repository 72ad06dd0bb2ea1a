"""Importing a batch of products: all changes are planned first, and then written at once."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog import public as catalog
from luxewin.modules.catalog.public import CountedStock
from luxewin.modules.catalog.public.values import given_up_skus, slugs_of_handle, taken_skus
from luxewin.modules.catalog_import.domain import import_mapping
from luxewin.modules.catalog_import.domain.csv_files import ProductUpdate
from luxewin.modules.catalog_import.domain.differences import StockChange, list_differences
from luxewin.modules.catalog_import.domain.imports import (
    Counts,
    Import,
    Item,
    Outcome,
    ProductChange,
    StockEffect,
    StockPolicy,
    WrittenChange,
)
from luxewin.modules.catalog_import.domain.product_files import with_field_name
from luxewin.modules.catalog_import.domain.shopify_csv import ProductDraft, RowError, RowNote, columns
from luxewin.modules.catalog_import.service.plan_products import Findings, Planned, Stored, plan
from luxewin.modules.catalog_import.service.plan_updates import plan_updates
from luxewin.modules.catalog_import.service.references import References, resolve_references
from luxewin.modules.inventory import public as inventory
from luxewin.modules.inventory.public import UNTRACKED, Availability

REASON = "product file"
"""The reason of stock movements caused by an import."""


@dataclass(frozen=True, kw_only=True)
class ImportedBatch:
    """The result of a batch: the changes to store, and the variants that no longer have their SKUs."""

    counts: Counts
    errors: Sequence[RowError]
    notes: Sequence[RowNote] = ()
    changes: Sequence[WrittenChange] = ()
    freed: frozenset[UUID] = frozenset()


async def import_batch(
    tx: Transaction,
    job: Import,
    items: Sequence[Item],
    *,
    currency: str,
    reserved: Collection[UUID] = (),
    freed: Collection[UUID] = (),
    waits: bool = True,
) -> ImportedBatch:
    """Import products into the catalogue; if `job` only checks, determine the outcome and write nothing.

    Variants of a product that the file does not have are kept, unless the job replaces them.
    `reserved` are variants whose default location has too few units to subtract: their products are left out.
    `freed` are variants whose SKUs earlier products of the file would have given up.
    Without `waits`, products that another transaction has locked are left out.

    A product without changes is not written: it gets no new version, no event and no audit entry. A product with any
    error is left out completely.

    Raises:
        CatalogueMoved: another transaction changed one of the products at the same moment.
        StockReserved: the default location has too few units of a variant to subtract; the error names the variant.
    """
    errors = [item for item in items if isinstance(item, RowError)]
    notes = [item for item in items if isinstance(item, RowNote)]
    drafts = _select_valid([item for item in items if isinstance(item, ProductDraft)], errors)
    updates = [item for item in items if isinstance(item, ProductUpdate)]
    references = await resolve_references(tx, drafts, create=not job.only_checks)
    if not job.only_checks:
        busy = await _lock_products(tx, [*drafts, *updates], waits=waits)
        errors.extend(busy_error(each) for each in busy)
        drafts, updates = [each for each in drafts if each not in busy], [each for each in updates if each not in busy]
    stored = await _read_stored(tx, job, drafts, updates, references)
    findings = Findings(errors=errors, notes=notes)
    planned = [*plan(drafts, stored, job, findings), *plan_updates(updates, stored, job, findings)]
    planned = _without_reserved_stock(planned, reserved, errors)
    planned = await _with_free_skus(tx, planned, freed, errors)
    stock_deltas: Mapping[UUID, int] = {}
    if not job.only_checks:
        stock_deltas = await _save(tx, [each for each in planned if each.outcome is not Outcome.UNCHANGED], currency)
    return replace(
        _result(job, errors, notes, Counter(each.outcome for each in planned)),
        changes=_changes_to_store(planned, stored, job, stock_deltas, currency=currency),
        freed=frozenset(given_up_skus(each.change for each in planned)),
    )


def _result(
    job: Import, errors: Sequence[RowError], notes: Sequence[RowNote], outcomes: Mapping[Outcome, int] | None = None
) -> ImportedBatch:
    """Return the result of a batch, without its changes."""
    outcomes = outcomes or {}
    return ImportedBatch(
        counts=Counts(
            created=outcomes.get(Outcome.CREATED, 0),
            changed=outcomes.get(Outcome.CHANGED, 0),
            unchanged=outcomes.get(Outcome.UNCHANGED, 0),
            errors=len(errors),
            notes=len(notes) if job.stores_findings else 0,
        ),
        errors=[with_field_name(each, job.format, job.reading) for each in sorted(errors, key=lambda each: each.line)],
        notes=[with_field_name(note, job.format, job.reading) for note in notes] if job.stores_findings else (),
    )


def leave_out(items: Sequence[Item], job: Import) -> ImportedBatch:
    """Return the result of a batch of which nothing is written, because other requests keep its products busy."""
    errors = [
        each if isinstance(each, RowError) else busy_error(each) for each in items if not isinstance(each, RowNote)
    ]
    notes = [each for each in items if isinstance(each, RowNote)]
    return _result(job, errors, notes)


def busy_error(item: ProductDraft | ProductUpdate) -> RowError:
    """Return the error of a product that other requests are changing."""
    message = f"Other requests are changing the product {item.handle[:80]!r}; import it again"
    return RowError(item.line, columns.HANDLE, "product_busy", message)


async def _lock_products(
    tx: Transaction, items: Sequence[ProductDraft | ProductUpdate], *, waits: bool
) -> list[ProductDraft | ProductUpdate]:
    """Lock the products until the transaction ends, so that no other request changes them; return those not locked."""
    slugs = {slug for item in items for slug in _stored_slugs(item)}
    locked = await catalog.lock_by_slug(tx, slugs, waits=waits) if slugs else set()
    if waits:
        return []
    busy = (await catalog.products_by_slug(tx, slugs - locked)).keys() if slugs - locked else set()
    return [item for item in items if busy & {*_stored_slugs(item)}]


def _stored_slugs(item: ProductDraft | ProductUpdate) -> tuple[str, ...]:
    return slugs_of_handle(item.handle) if isinstance(item, ProductDraft) else item.slugs


async def _save(tx: Transaction, planned: Sequence[Planned], currency: str) -> Mapping[UUID, int]:
    """Write the changes; return the adjustments of the counted stock of existing variants."""
    if not planned:
        return {}
    counted = CountedStock(
        new={id_: number for each in planned for id_, number in each.counted.new.items()},
        known={id_: number for each in planned for id_, number in each.counted.known.items()},
        clamped=True,
    )
    changes = [each.change for each in planned if each.differs]
    return await catalog.save_products(tx, changes, currency=currency, counted=counted, reason=REASON)


def _changes_to_store(
    planned: Sequence[Planned], stored: Stored, job: Import, stock_deltas: Mapping[UUID, int], *, currency: str
) -> list[WrittenChange]:
    """Return the changes to store: all of them in a dry run, otherwise the changes that can be undone."""
    if job.only_checks and not job.dry_run:
        return []
    changes = []
    for number, each in enumerate(planned, start=job.done + 1):
        if each.outcome is Outcome.UNCHANGED and not job.dry_run:
            continue
        change, has_fields = each.change, job.dry_run or each.outcome is Outcome.CHANGED
        stock = _stock_changes(each, stored.stock)
        if not job.dry_run:
            stock = {id_: listed for id_, listed in stock.items() if listed.effect is StockEffect.SET}
        changes.append(
            WrittenChange(
                summary=ProductChange(
                    number=number,
                    line=each.line,
                    slug=change.content.slug,
                    name=change.content.name,
                    outcome=each.outcome,
                    fields=list_differences(change, stock, currency=currency) if has_fields else (),
                ),
                product_id=None if job.only_checks else change.product_id,
                version=change.version if each.differs or change.before is None else change.before.version,
                before=None if job.only_checks else change.before,
                stock_deltas={id_: stock_deltas[id_] for id_ in each.counted.known if id_ in stock_deltas},
            )
        )
    return changes


def _stock_changes(planned: Planned, stock: Mapping[UUID, Availability]) -> dict[UUID, StockChange]:
    """Return what happens to the stock of each variant of a product."""
    change, counted = planned.change, planned.counted
    known_ids = change.before.variant_ids if change.before else ()
    changes = {}
    for variant_id in change.variant_ids:
        now = stock.get(variant_id, UNTRACKED).stock
        if variant_id in counted.known:
            changes[variant_id] = StockChange(now, counted.known[variant_id], StockEffect.SET)
        elif counted.new.get(variant_id) is not None:
            changes[variant_id] = StockChange(None, counted.new[variant_id], StockEffect.SET)
        elif variant_id in known_ids and now is not None:
            changes[variant_id] = StockChange(now, now, StockEffect.KEPT)
        else:
            changes[variant_id] = StockChange(None, None, StockEffect.NOT_TRACKED)
    removed = {
        id_: StockChange(stock.get(id_, UNTRACKED).stock, None, StockEffect.REMOVED) for id_ in change.removed_ids
    }
    return {**changes, **removed}


def _select_valid(drafts: Sequence[ProductDraft], errors: list[RowError]) -> list[ProductDraft]:
    """Return the valid drafts, and add the errors of the others."""
    valid = []
    for draft in drafts:
        found = import_mapping.problems_of(draft)
        errors.extend(found)
        if not found:
            valid.append(draft)
    return valid


async def _read_stored(
    tx: Transaction,
    job: Import,
    drafts: Sequence[ProductDraft],
    updates: Sequence[ProductUpdate],
    references: References,
) -> Stored:
    items: list[ProductDraft | ProductUpdate] = [*drafts, *updates]
    slugs = {slug for item in items for slug in _stored_slugs(item)}
    products = await catalog.products_by_slug(tx, slugs) if slugs else {}
    variant_ids = [id_ for product in products.values() for id_ in product.variant_ids]
    needs_stock = variant_ids and (job.dry_run or job.stock is StockPolicy.OVERWRITE)
    stock = await inventory.availability(tx, variant_ids) if needs_stock else {}
    return Stored(products=products, references=references, stock=stock)


def _without_reserved_stock(
    planned: Sequence[Planned], reserved: Collection[UUID], errors: list[RowError]
) -> list[Planned]:
    accepted = []
    for each in planned:
        conflicts = each.counted.known.keys() & set(reserved)
        if conflicts:
            quantity = min(each.counted.known[variant_id] for variant_id in conflicts)
            message = (
                f"The quantity {quantity:,} of the file cannot be set: too few units at the default location are not"
                " reserved for orders; transfer units to it, or cancel orders first"
            )
            errors.append(RowError(each.line, columns.QUANTITY, "stock_reserved", message))
        else:
            accepted.append(each)
    return accepted


async def _with_free_skus(
    tx: Transaction, planned: Sequence[Planned], freed: Collection[UUID], errors: list[RowError]
) -> list[Planned]:
    """Return the products whose SKUs are free, and add the errors of the others.

    A SKU may go from one product to another, if the change of the first product is valid.
    """
    skus = {sku for each in planned for sku in each.change.skus_after}
    owners = await catalog.sku_owners(tx, skus) if skus else {}
    free = list(planned)
    while True:
        given_up = given_up_skus(each.change for each in free).union(freed)
        taken = {each.line: taken_skus(each.change, owners, given_up) for each in free}
        if not any(taken.values()):
            return free
        for line, owned in taken.items():
            errors.extend(
                RowError(line, columns.SKU, "sku_taken", _sku_taken_message(sku, slug)) for sku, slug in owned.items()
            )
        free = [each for each in free if not taken[each.line]]


def _sku_taken_message(sku: str, slug: str) -> str:
    return f"The SKU {sku[:80]!r} belongs to the product {slug!r}; use another SKU, or change it there first"
