"""Importing a batch of products: all changes are planned first, and then written at once."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog import public as catalog
from luxewin.modules.catalog.public import CountedStock
from luxewin.modules.catalog.public.values import (
    Change,
    Product,
    ProductInvalid,
    given_up_skus,
    label,
    slug_of_handle,
    taken_skus,
)
from luxewin.modules.catalog_import.domain import import_mapping
from luxewin.modules.catalog_import.domain.differences import StockChange, list_differences
from luxewin.modules.catalog_import.domain.export_mapping import handle_of
from luxewin.modules.catalog_import.domain.imports import (
    Counts,
    Import,
    Item,
    Outcome,
    ProductChange,
    StockEffect,
    StockPolicy,
    VariantPolicy,
    WrittenChange,
)
from luxewin.modules.catalog_import.domain.product_files import with_field_name
from luxewin.modules.catalog_import.domain.shopify_csv import ProductDraft, RowError, VariantDraft, columns
from luxewin.modules.catalog_import.domain.variant_mapping import DescribedVariants, describe_variants
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
    changes: Sequence[WrittenChange] = ()
    freed: frozenset[UUID] = frozenset()


@dataclass(frozen=True, kw_only=True)
class _Planned:
    """A product of the file, its change, and the stock from the file."""

    draft: ProductDraft
    change: Change
    counted: CountedStock

    @property
    def differs(self) -> bool:
        """True if the product's content changes."""
        before, change = self.change.before, self.change
        return before is None or before.content != change.content or before.variant_ids != change.variant_ids

    @property
    def outcome(self) -> Outcome:
        """The outcome for the product."""
        if self.change.before is None:
            return Outcome.CREATED
        return Outcome.CHANGED if self.differs or self.counted.known else Outcome.UNCHANGED


@dataclass(frozen=True, kw_only=True)
class _Stored:
    """The catalogue's products and stock for a batch; `stock` is read only if it is listed or may be overwritten."""

    products: Mapping[str, Product]
    references: References
    stock: Mapping[UUID, Availability]


async def import_batch(
    tx: Transaction,
    job: Import,
    items: Sequence[Item],
    *,
    currency: str,
    reserved: Collection[UUID] = (),
    freed: Collection[UUID] = (),
    variants: VariantPolicy = VariantPolicy.KEEP,
) -> ImportedBatch:
    """Import products into the catalogue; if `job` only checks, determine the outcome and write nothing.

    Variants of a product that the file does not have are kept, unless `variants` tells to replace them.
    `reserved` are variants whose default location has too few units to subtract: their products are left out.
    `freed` are variants whose SKUs earlier products of the file would have given up.

    A product without changes is not written: it gets no new version, no event and no audit entry. A product with any
    error is left out completely.

    Raises:
        CatalogueMoved: another transaction changed one of the products at the same moment.
        StockReserved: the default location has too few units of a variant to subtract; the error names the variant.
    """
    errors = [item for item in items if isinstance(item, RowError)]
    drafts = _select_valid([item for item in items if isinstance(item, ProductDraft)], errors)
    stored = await _read_stored(tx, job, drafts)
    planned = _plan(drafts, stored, job, variants, errors)
    planned = _without_reserved_stock(planned, reserved, errors)
    planned = await _with_free_skus(tx, planned, freed, errors)
    stock_deltas: Mapping[UUID, int] = {}
    if not job.only_checks:
        stock_deltas = await _save(tx, [each for each in planned if each.outcome is not Outcome.UNCHANGED], currency)
    outcomes = Counter(each.outcome for each in planned)
    return ImportedBatch(
        counts=Counts(
            created=outcomes[Outcome.CREATED],
            changed=outcomes[Outcome.CHANGED],
            unchanged=outcomes[Outcome.UNCHANGED],
            errors=len(errors),
        ),
        errors=[with_field_name(error, job.format) for error in sorted(errors, key=lambda error: error.line)],
        changes=_changes_to_store(planned, stored, job, stock_deltas, currency=currency),
        freed=frozenset(given_up_skus(each.change for each in planned)),
    )


async def _save(tx: Transaction, planned: Sequence[_Planned], currency: str) -> Mapping[UUID, int]:
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
    planned: Sequence[_Planned], stored: _Stored, job: Import, stock_deltas: Mapping[UUID, int], *, currency: str
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
                    line=each.draft.line,
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


def _stock_changes(planned: _Planned, stock: Mapping[UUID, Availability]) -> dict[UUID, StockChange]:
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


async def _read_stored(tx: Transaction, job: Import, drafts: Sequence[ProductDraft]) -> _Stored:
    slugs = {slug for draft in drafts for slug in _slugs(draft)}
    products = await catalog.products_by_slug(tx, slugs) if drafts else {}
    variant_ids = [id_ for product in products.values() for id_ in product.variant_ids]
    needs_stock = variant_ids and (job.dry_run or job.stock is StockPolicy.OVERWRITE)
    stock = await inventory.availability(tx, variant_ids) if needs_stock else {}
    return _Stored(
        products=products,
        references=await resolve_references(tx, drafts, create=not job.only_checks),
        stock=stock,
    )


def _slugs(draft: ProductDraft) -> tuple[str, ...]:
    """Return the slugs of the product with this handle, the best first; the last is one by an earlier release."""
    return tuple(dict.fromkeys((slug_of_handle(label(draft.handle)), slug_of_handle(draft.handle))))


def _plan(
    drafts: Sequence[ProductDraft], stored: _Stored, job: Import, policy: VariantPolicy, errors: list[RowError]
) -> list[_Planned]:
    """Return the change of each product, and add the errors of those that cannot be imported."""
    planned: dict[str, _Planned] = {}
    for draft in drafts:
        known_slug = next((each for each in _slugs(draft) if each in stored.products), None)
        slug = known_slug or _slugs(draft)[0]
        before = stored.products.get(slug)
        if slug in planned or (before and label(handle_of(before.content)) != label(draft.handle)):
            message = (
                f"The handle {draft.handle[:80]!r} makes the address {slug!r}, which another product has; choose"
                " another handle"
            )
            errors.append(RowError(draft.line, columns.HANDLE, "handle_taken", message))
        elif before and before.content.options and columns.OPTION_NAMES[0] not in draft.given_columns:
            names = ", ".join(option.name for option in before.content.options)
            message = (
                f"The product has the options {names[:80]}, and the file has no columns for options; add Option1 Name"
                " and Option1 Value"
            )
            errors.append(RowError(draft.line, columns.OPTION_NAMES[0], "options_missing", message))
        else:
            try:
                planned[slug] = _plan_product(draft, before, stored, job, policy)
            except ProductInvalid as invalid:
                errors.append(RowError(draft.line, None, "product_invalid", invalid.detail))
    return list(planned.values())


def _plan_product(
    draft: ProductDraft, before: Product | None, stored: _Stored, job: Import, policy: VariantPolicy
) -> _Planned:
    references = stored.references.of(draft, before)
    variants = describe_variants(draft, before, replaces=policy is VariantPolicy.REPLACE)
    content = import_mapping.content_of(
        draft,
        variants,
        category_id=references.category.id if references.category else None,
        vendor_id=references.vendor.id if references.vendor else None,
        before=before.content if before else None,
    )
    change = Change(
        product_id=before.id if before else new_id(),
        before=before,
        content=content,
        variant_ids=variants.ids,
        lineage=references.lineage,
        category_path=references.category.path if references.category else None,
        vendor_name=references.vendor.name if references.vendor else None,
    )
    return _Planned(draft=draft, change=change, counted=_quantities_to_set(draft, variants, change, stored, job))


def _quantities_to_set(
    draft: ProductDraft, variants: DescribedVariants, change: Change, stored: _Stored, job: Import
) -> CountedStock:
    """Return the quantities to set: of new variants, and of existing variants if the import overwrites stock.

    A quantity is the number of available units, and negative if more are sold on backorder than are on hand.
    """
    new: dict[UUID, int | None] = {}
    known: dict[UUID, int] = {}
    known_ids = frozenset(change.before.variant_ids if change.before else ())
    overwrites, stock = job.stock is StockPolicy.OVERWRITE, stored.stock
    for variant_id, each in zip(variants.ids, variants.drafts, strict=True):
        if each is None or not _is_tracked(each, draft.given_columns):
            continue
        if variant_id not in known_ids:
            new[variant_id] = max(0, each.quantity or 0)
        elif overwrites and each.quantity is not None:
            level = stock.get(variant_id, UNTRACKED)
            # With nothing on hand, the stock is the number of reserved units, negated.
            number = max(each.quantity, -level.reserved)
            if number != level.stock:
                known[variant_id] = number
    return CountedStock(new=new, known=known)


def _is_tracked(draft: VariantDraft, given_columns: Collection[str]) -> bool:
    # A blank tracker means an untracked variant; without the column a quantity means a tracked one.
    return draft.tracked or (columns.TRACKER not in given_columns and draft.quantity is not None)


def _without_reserved_stock(
    planned: Sequence[_Planned], reserved: Collection[UUID], errors: list[RowError]
) -> list[_Planned]:
    accepted = []
    for each in planned:
        conflicts = each.counted.known.keys() & set(reserved)
        if conflicts:
            quantity = min(each.counted.known[variant_id] for variant_id in conflicts)
            message = (
                f"The quantity {quantity:,} of the file cannot be set: too few units at the default location are not"
                " reserved for orders; transfer units to it, or cancel orders first"
            )
            errors.append(RowError(each.draft.line, columns.QUANTITY, "stock_reserved", message))
        else:
            accepted.append(each)
    return accepted


async def _with_free_skus(
    tx: Transaction, planned: Sequence[_Planned], freed: Collection[UUID], errors: list[RowError]
) -> list[_Planned]:
    """Return the products whose SKUs are free, and add the errors of the others.

    A SKU may go from one product to another, if the change of the first product is valid.
    """
    skus = {sku for each in planned for sku in each.change.skus_after}
    owners = await catalog.sku_owners(tx, skus) if skus else {}
    free = list(planned)
    while True:
        given_up = given_up_skus(each.change for each in free).union(freed)
        taken = {each.draft.line: taken_skus(each.change, owners, given_up) for each in free}
        if not any(taken.values()):
            return free
        for line, owned in taken.items():
            errors.extend(
                RowError(line, columns.SKU, "sku_taken", _sku_taken_message(sku, slug)) for sku, slug in owned.items()
            )
        free = [each for each in free if not taken[each.draft.line]]


def _sku_taken_message(sku: str, slug: str) -> str:
    return f"The SKU {sku[:80]!r} belongs to the product {slug!r}; use another SKU, or change it there first"
