"""Bringing a batch of a product file into the catalogue: what shall change is decided first, then written at once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog.domain import drafts as rules
from luxewin.modules.catalog.domain import sheets
from luxewin.modules.catalog.domain.changes import Change
from luxewin.modules.catalog.domain.imports import Counts, Import, Item, StockPolicy
from luxewin.modules.catalog.domain.names import slug_of_handle
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
class Source:
    """What is known of the whole file: its columns, and the SKUs it repeats, with the line of the first product."""

    columns: Collection[str]
    repeated_skus: Mapping[str, int]
    currency: str


@dataclass(frozen=True)
class Batch:
    """What became of a batch."""

    counts: Counts
    errors: Sequence[RowError]


@dataclass(frozen=True, kw_only=True)
class _Wanted:
    """A product of the file as it shall be, and what was counted of it."""

    draft: ProductDraft
    change: Change
    counted: Counted

    @property
    def differs(self) -> bool:
        before = self.change.before
        return before is None or before.content != self.change.content

    @property
    def is_unchanged(self) -> bool:
        return not self.differs and not self.counted.known


@dataclass(frozen=True, kw_only=True)
class _Known:
    """What the catalogue knows of a batch's products; `stock` is asked for only where it may be overwritten."""

    products: Mapping[str, Product]
    places: Places
    stock: Mapping[UUID, int | None]


async def import_batch(
    tx: Transaction, job: Import, items: Sequence[Item], source: Source, *, held: Collection[UUID] = ()
) -> Batch:
    """Bring products of a file into the catalogue; with `job.dry_run` only tell what would become of them.

    `held` are variants of which orders hold more pieces than the file counts: their products are left out.

    What is as it was is left alone: it gets no new version, no fact and no audit row. A product with anything wrong is
    left out whole.

    Raises:
        CatalogueMoved: somebody else changed one of the products at the same moment.
        StockReserved: orders hold more pieces of a variant than the file counts; its facts name the variant.
    """
    errors = [item for item in items if isinstance(item, RowError)]
    drafts = _sound([item for item in items if isinstance(item, ProductDraft)], source, errors)
    wanted = _decided(drafts, await _known(tx, job, drafts), job, source, errors)
    wanted = _without_held_stock(wanted, held, errors)
    wanted = await _with_free_skus(tx, wanted, errors)
    changed = [each for each in wanted if not each.is_unchanged]
    if changed and not job.dry_run:
        counted = Counted(
            new={id_: number for each in changed for id_, number in each.counted.new.items()},
            known={id_: number for each in changed for id_, number in each.counted.known.items()},
        )
        changes = [each.change for each in changed if each.differs]
        await save(tx, changes, currency=source.currency, counted=counted, reason=REASON)
    created = sum(each.change.before is None for each in changed)
    counts = Counts(
        created=created,
        changed=len(changed) - created,
        unchanged=len(wanted) - len(changed),
        errors=len(errors),
    )
    return Batch(counts, sorted(errors, key=lambda error: error.line))


def _sound(drafts: Sequence[ProductDraft], source: Source, errors: list[RowError]) -> list[ProductDraft]:
    """Return the drafts with which nothing is wrong in themselves; of the others tell the errors."""
    sound = []
    for draft in drafts:
        found = [*rules.problems_of(draft), *_repeated_skus(draft, source)]
        errors.extend(found)
        if not found:
            sound.append(draft)
    return sound


def _repeated_skus(draft: ProductDraft, source: Source) -> list[RowError]:
    firsts = {sku: source.repeated_skus.get(sku, draft.line) for sku in _skus(draft)}
    return [
        RowError(
            draft.line, columns.SKU, "sku_repeated", f"The product on line {line} has the SKU {sku[:80]!r} already"
        )
        for sku, line in firsts.items()
        if line != draft.line
    ]


async def _known(tx: Transaction, job: Import, drafts: Sequence[ProductDraft]) -> _Known:
    products = await repository.with_slugs(tx, {slug_of_handle(draft.handle) for draft in drafts}) if drafts else {}
    variant_ids = [id_ for product in products.values() for id_ in product.variant_ids]
    is_counted = job.stock is StockPolicy.OVERWRITE and variant_ids
    return _Known(
        products=products,
        places=await places_of(tx, drafts, make=not job.dry_run),
        stock=await inventory.available(tx, variant_ids) if is_counted else {},
    )


def _decided(
    drafts: Sequence[ProductDraft], known: _Known, job: Import, source: Source, errors: list[RowError]
) -> list[_Wanted]:
    """Return what each product shall be; of those that cannot be told the errors."""
    wanted: dict[str, _Wanted] = {}
    for draft in drafts:
        slug = slug_of_handle(draft.handle)
        before = known.products.get(slug)
        if slug in wanted or (before and sheets.handle_of(before.content) != draft.handle):
            message = f"Another product has the address {slug!r}, which is made of this handle"
            errors.append(RowError(draft.line, columns.HANDLE, "handle_taken", message))
        elif before and before.content.options and columns.OPTION_NAMES[0] not in source.columns:
            message = "The product has options, and the file has no columns for them"
            errors.append(RowError(draft.line, columns.OPTION_NAMES[0], "options_missing", message))
        else:
            try:
                wanted[slug] = _wanted(draft, before, known, job, source)
            except ProductInvalid as invalid:
                errors.append(RowError(draft.line, None, "product_invalid", invalid.detail))
    return list(wanted.values())


def _wanted(draft: ProductDraft, before: Product | None, known: _Known, job: Import, source: Source) -> _Wanted:
    place = known.places.place_of(draft, before, said=source.columns)
    content = rules.content_of(
        draft,
        category_id=place.category.id if place.category else None,
        vendor_id=place.vendor.id if place.vendor else None,
        before=before.content if before else None,
        said=source.columns,
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
    return _Wanted(draft=draft, change=change, counted=_counted(draft, change, known, job, source))


def _counted(draft: ProductDraft, change: Change, known: _Known, job: Import, source: Source) -> Counted:
    """Return what the file counts: of new variants, and of known ones where it may overwrite what is there."""
    new: dict[UUID, int | None] = {}
    recounted: dict[UUID, int] = {}
    known_ids = frozenset(change.before.variant_ids if change.before else ())
    overwrites, stock = job.stock is StockPolicy.OVERWRITE, known.stock
    for variant_id, each, variant in zip(change.variant_ids, draft.variants, change.content.variants, strict=True):
        if not _is_tracked(each, source):
            continue
        on_hand = max(0, each.quantity or 0)
        if variant_id not in known_ids:
            new[variant_id] = on_hand
        elif overwrites and each.quantity is not None and sheets.on_sale(variant, on_hand) != stock.get(variant_id):
            recounted[variant_id] = on_hand
    return Counted(new=new, known=recounted)


def _is_tracked(draft: VariantDraft, source: Source) -> bool:
    # A blank tracker says that nobody counts; without the column a number says that somebody does.
    return draft.tracked or (columns.TRACKER not in source.columns and draft.quantity is not None)


def _without_held_stock(wanted: Sequence[_Wanted], held: Collection[UUID], errors: list[RowError]) -> list[_Wanted]:
    free = []
    for each in wanted:
        if each.counted.known.keys() & set(held):
            message = "Orders hold more pieces than the file counts"
            errors.append(RowError(each.draft.line, columns.QUANTITY, "stock_reserved", message))
        else:
            free.append(each)
    return free


async def _with_free_skus(tx: Transaction, wanted: Sequence[_Wanted], errors: list[RowError]) -> list[_Wanted]:
    """Return what can have the SKUs it wants; of the others tell the errors.

    A SKU may go from one product of the batch to another, if the first one really is changed.
    """
    skus = {sku for each in wanted for sku in each.change.skus_after}
    owners = await repository.sku_owners(tx, skus) if skus else {}
    free = list(wanted)
    while True:
        given_up = _given_up(free)
        taken = {each.draft.line: _taken(each.change, owners, given_up) for each in free}
        if not any(taken.values()):
            return free
        for line, theirs in taken.items():
            errors.extend(
                RowError(line, columns.SKU, "sku_taken", f"The product {slug!r} has the SKU {sku[:80]!r}")
                for sku, slug in theirs.items()
            )
        free = [each for each in free if not taken[each.draft.line]]


def _taken(change: Change, owners: Mapping[str, tuple[UUID, str]], given_up: set[UUID]) -> dict[str, str]:
    """Return the SKUs that a product wants and another one keeps, each with that one's slug."""
    own = {*change.variant_ids, *change.skus_before.values()}
    held = {sku: owners[sku] for sku in change.skus_after if sku in owners}
    return {sku: slug for sku, (owner, slug) in held.items() if owner not in own and owner not in given_up}


def _given_up(wanted: Sequence[_Wanted]) -> set[UUID]:
    """Return the variants that will no longer have the SKU they have."""
    return {
        owner
        for each in wanted
        for sku, owner in each.change.skus_before.items()
        if each.change.skus_after.get(sku) != owner
    }


def _skus(draft: ProductDraft) -> list[str]:
    return [variant.sku for variant in draft.variants if variant.sku is not None]
