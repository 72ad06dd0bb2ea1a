"""Bringing a batch of a product file into the catalogue: what shall change is decided first, then written at once."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog.domain import drafts as rules
from luxewin.modules.catalog.domain import sheets
from luxewin.modules.catalog.domain.changes import Change, given_up_skus, taken_skus
from luxewin.modules.catalog.domain.differences import differences
from luxewin.modules.catalog.domain.imports import (
    Counts,
    Import,
    Item,
    Outcome,
    ProductChange,
    StockPolicy,
    WrittenChange,
)
from luxewin.modules.catalog.domain.names import slug_of_handle
from luxewin.modules.catalog.domain.product_files import told_in
from luxewin.modules.catalog.domain.products import Product
from luxewin.modules.catalog.domain.shopify_csv import ProductDraft, RowError, VariantDraft, columns
from luxewin.modules.catalog.errors import ProductInvalid
from luxewin.modules.catalog.repository import products as repository
from luxewin.modules.catalog.service.file_places import Places, places_of
from luxewin.modules.catalog.service.save_products import Counted, ids_of_variants, save
from luxewin.modules.inventory import public as inventory

REASON = "product file"
"""What movements of stock say whose number stood in a file."""


@dataclass(frozen=True, kw_only=True)
class Batch:
    """What became of a batch: what is worth keeping of its changes, and the variants whose SKUs are free by now."""

    counts: Counts
    errors: Sequence[RowError]
    changes: Sequence[WrittenChange] = ()
    freed: frozenset[UUID] = frozenset()


@dataclass(frozen=True, kw_only=True)
class _Wanted:
    """A product of the file as it shall be, and what was counted of it."""

    draft: ProductDraft
    change: Change
    counted: Counted

    @property
    def differs(self) -> bool:
        """Whether the product itself says something else than before."""
        before = self.change.before
        return before is None or before.content != self.change.content

    @property
    def outcome(self) -> Outcome:
        """What becomes of it."""
        if self.change.before is None:
            return Outcome.CREATED
        return Outcome.CHANGED if self.differs or self.counted.known else Outcome.UNCHANGED


@dataclass(frozen=True, kw_only=True)
class _Known:
    """What the catalogue knows of a batch's products; `stock` is asked for only where it may be overwritten."""

    products: Mapping[str, Product]
    places: Places
    stock: Mapping[UUID, int | None]


async def import_batch(
    tx: Transaction,
    job: Import,
    items: Sequence[Item],
    *,
    currency: str,
    held: Collection[UUID] = (),
    freed: Collection[UUID] = (),
) -> Batch:
    """Bring products of a file into the catalogue; while `job` only checks, tell what would become of them.

    `held` are variants of which orders hold more pieces than the file counts: their products are left out. `freed` are
    variants whose SKUs earlier products of the file would have given up.

    What is as it was is left alone: it gets no new version, no fact and no audit row. A product with anything wrong is
    left out whole.

    Raises:
        CatalogueMoved: somebody else changed one of the products at the same moment.
        StockReserved: orders hold more pieces of a variant than the file counts; its facts name the variant.
    """
    errors = [item for item in items if isinstance(item, RowError)]
    drafts = _sound([item for item in items if isinstance(item, ProductDraft)], errors)
    known = await _known(tx, job, drafts)
    wanted = _decided(drafts, known, job, errors)
    wanted = _without_held_stock(wanted, held, errors)
    wanted = await _with_free_skus(tx, wanted, freed, errors)
    moved: Mapping[UUID, int] = {}
    if not job.only_checks:
        moved = await _saved(tx, [each for each in wanted if each.outcome is not Outcome.UNCHANGED], currency)
    outcomes = Counter(each.outcome for each in wanted)
    return Batch(
        counts=Counts(
            created=outcomes[Outcome.CREATED],
            changed=outcomes[Outcome.CHANGED],
            unchanged=outcomes[Outcome.UNCHANGED],
            errors=len(errors),
        ),
        errors=[told_in(job.format, error) for error in sorted(errors, key=lambda error: error.line)],
        changes=_kept(wanted, known, job, moved, currency=currency),
        freed=frozenset(given_up_skus(each.change for each in wanted)),
    )


async def _saved(tx: Transaction, wanted: Sequence[_Wanted], currency: str) -> Mapping[UUID, int]:
    """Write what differs; return by how much what was counted has moved."""
    if not wanted:
        return {}
    counted = Counted(
        new={id_: number for each in wanted for id_, number in each.counted.new.items()},
        known={id_: number for each in wanted for id_, number in each.counted.known.items()},
    )
    changes = [each.change for each in wanted if each.differs]
    return await save(tx, changes, currency=currency, counted=counted, reason=REASON)


def _kept(
    wanted: Sequence[_Wanted], known: _Known, job: Import, moved: Mapping[UUID, int], *, currency: str
) -> list[WrittenChange]:
    """Return what is kept of the changes: all of them in a dry run, else what it takes to undo them."""
    if job.only_checks and not job.dry_run:
        return []
    kept = []
    for place, each in enumerate(wanted, start=job.done + 1):
        if each.outcome is Outcome.UNCHANGED and not job.dry_run:
            continue
        change, has_fields = each.change, job.dry_run or each.outcome is Outcome.CHANGED
        stock = {
            id_: (known.stock.get(id_), sheets.on_sale(variant, each.counted.known[id_]))
            for id_, variant in zip(change.variant_ids, change.content.variants, strict=True)
            if id_ in each.counted.known
        }
        kept.append(
            WrittenChange(
                told=ProductChange(
                    number=place,
                    line=each.draft.line,
                    slug=change.content.slug,
                    name=change.content.name,
                    outcome=each.outcome,
                    fields=differences(change, stock, currency=currency) if has_fields else (),
                ),
                product_id=None if job.only_checks else change.product_id,
                version=change.version if each.differs or change.before is None else change.before.version,
                before=None if job.only_checks else change.before,
                moved={id_: moved[id_] for id_ in each.counted.known if id_ in moved},
            )
        )
    return kept


def _sound(drafts: Sequence[ProductDraft], errors: list[RowError]) -> list[ProductDraft]:
    """Return the drafts with which nothing is wrong in themselves; of the others tell the errors."""
    sound = []
    for draft in drafts:
        found = rules.problems_of(draft)
        errors.extend(found)
        if not found:
            sound.append(draft)
    return sound


async def _known(tx: Transaction, job: Import, drafts: Sequence[ProductDraft]) -> _Known:
    products = await repository.with_slugs(tx, {slug_of_handle(draft.handle) for draft in drafts}) if drafts else {}
    variant_ids = [id_ for product in products.values() for id_ in product.variant_ids]
    is_counted = job.stock is StockPolicy.OVERWRITE and variant_ids
    return _Known(
        products=products,
        places=await places_of(tx, drafts, make=not job.only_checks),
        stock=await inventory.available(tx, variant_ids) if is_counted else {},
    )


def _decided(drafts: Sequence[ProductDraft], known: _Known, job: Import, errors: list[RowError]) -> list[_Wanted]:
    """Return what each product shall be; of those that cannot be told the errors."""
    wanted: dict[str, _Wanted] = {}
    for draft in drafts:
        slug = slug_of_handle(draft.handle)
        before = known.products.get(slug)
        if slug in wanted or (before and sheets.handle_of(before.content) != draft.handle):
            message = f"Another product has the address {slug!r}, which is made of this handle"
            errors.append(RowError(draft.line, columns.HANDLE, "handle_taken", message))
        elif before and before.content.options and columns.OPTION_NAMES[0] not in draft.said:
            message = "The product has options, and the file has no columns for them"
            errors.append(RowError(draft.line, columns.OPTION_NAMES[0], "options_missing", message))
        else:
            try:
                wanted[slug] = _wanted(draft, before, known, job)
            except ProductInvalid as invalid:
                errors.append(RowError(draft.line, None, "product_invalid", invalid.detail))
    return list(wanted.values())


def _wanted(draft: ProductDraft, before: Product | None, known: _Known, job: Import) -> _Wanted:
    place = known.places.place_of(draft, before)
    content = rules.content_of(
        draft,
        category_id=place.category.id if place.category else None,
        vendor_id=place.vendor.id if place.vendor else None,
        before=before.content if before else None,
    )
    change = Change(
        product_id=before.id if before else new_id(),
        before=before,
        content=content,
        variant_ids=ids_of_variants(content, before),
        lineage=place.lineage,
        category_path=place.category.path if place.category else None,
        vendor_name=place.vendor.name if place.vendor else None,
    )
    return _Wanted(draft=draft, change=change, counted=_counted(draft, change, known, job))


def _counted(draft: ProductDraft, change: Change, known: _Known, job: Import) -> Counted:
    """Return what the file counts: of new variants, and of known ones where it may overwrite what is there."""
    new: dict[UUID, int | None] = {}
    recounted: dict[UUID, int] = {}
    known_ids = frozenset(change.before.variant_ids if change.before else ())
    overwrites, stock = job.stock is StockPolicy.OVERWRITE, known.stock
    for variant_id, each, variant in zip(change.variant_ids, draft.variants, change.content.variants, strict=True):
        if not _is_tracked(each, draft.said):
            continue
        on_hand = max(0, each.quantity or 0)
        if variant_id not in known_ids:
            new[variant_id] = on_hand
        elif overwrites and each.quantity is not None and sheets.on_sale(variant, on_hand) != stock.get(variant_id):
            recounted[variant_id] = on_hand
    return Counted(new=new, known=recounted)


def _is_tracked(draft: VariantDraft, said: Collection[str]) -> bool:
    # A blank tracker says that nobody counts; without the column a number says that somebody does.
    return draft.tracked or (columns.TRACKER not in said and draft.quantity is not None)


def _without_held_stock(wanted: Sequence[_Wanted], held: Collection[UUID], errors: list[RowError]) -> list[_Wanted]:
    free = []
    for each in wanted:
        if each.counted.known.keys() & set(held):
            message = "Orders hold more pieces than the file counts"
            errors.append(RowError(each.draft.line, columns.QUANTITY, "stock_reserved", message))
        else:
            free.append(each)
    return free


async def _with_free_skus(
    tx: Transaction, wanted: Sequence[_Wanted], freed: Collection[UUID], errors: list[RowError]
) -> list[_Wanted]:
    """Return what can have the SKUs it wants; of the others tell the errors.

    A SKU may go from one product to another, if the first one really is changed.
    """
    skus = {sku for each in wanted for sku in each.change.skus_after}
    owners = await repository.sku_owners(tx, skus) if skus else {}
    free = list(wanted)
    while True:
        given_up = given_up_skus(each.change for each in free).union(freed)
        taken = {each.draft.line: taken_skus(each.change, owners, given_up) for each in free}
        if not any(taken.values()):
            return free
        for line, theirs in taken.items():
            errors.extend(
                RowError(line, columns.SKU, "sku_taken", f"The product {slug!r} has the SKU {sku[:80]!r}")
                for sku, slug in theirs.items()
            )
        free = [each for each in free if not taken[each.draft.line]]
