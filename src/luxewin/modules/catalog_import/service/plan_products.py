"""Planning the changes that the products of a file make."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from luxewin.kit.ids import new_id
from luxewin.kit.text import counted as counted_noun
from luxewin.modules.catalog import public as catalog
from luxewin.modules.catalog.public import CountedStock
from luxewin.modules.catalog.public.values import Change, Product, ProductInvalid, available_units, slug_of_handle
from luxewin.modules.catalog_import.domain import import_mapping
from luxewin.modules.catalog_import.domain.export_mapping import handle_of
from luxewin.modules.catalog_import.domain.import_mapping import with_kept_variants
from luxewin.modules.catalog_import.domain.imports import Import, Outcome, StockPolicy, VariantPolicy
from luxewin.modules.catalog_import.domain.normalising import tracked_without_quantity
from luxewin.modules.catalog_import.domain.shopify_csv import ProductDraft, RowError, RowNote, VariantDraft, columns
from luxewin.modules.catalog_import.service.references import References

_MOST_NAMED = 10


@dataclass(frozen=True, kw_only=True)
class Findings:
    """The errors and notes of a batch so far."""

    errors: list[RowError] = field(default_factory=list)
    notes: list[RowNote] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A product of the file by its first line, its change, and the stock from the file."""

    line: int
    change: Change
    counted: CountedStock

    @property
    def differs(self) -> bool:
        """True if the product's content changes."""
        before = self.change.before
        return before is None or before.content != self.change.content

    @property
    def outcome(self) -> Outcome:
        """The outcome for the product."""
        if self.change.before is None:
            return Outcome.CREATED
        return Outcome.CHANGED if self.differs or self.counted.known else Outcome.UNCHANGED


@dataclass(frozen=True, kw_only=True)
class Stored:
    """The catalogue's products and stock for a batch; `stock` is read only if the file may overwrite it."""

    products: Mapping[str, Product]
    references: References
    stock: Mapping[UUID, int | None]


def plan(drafts: Sequence[ProductDraft], stored: Stored, job: Import, findings: Findings) -> list[Planned]:
    """Return the change of each product, and add the errors of those that cannot be imported."""
    errors = findings.errors
    planned: dict[str, Planned] = {}
    for draft in drafts:
        slug = slug_of_handle(draft.handle)
        before = stored.products.get(slug)
        if slug in planned or (before and handle_of(before.content) != draft.handle):
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
                planned[slug] = _plan_product(draft, before, stored, job, findings)
            except ProductInvalid as invalid:
                errors.append(RowError(draft.line, None, "product_invalid", invalid.detail))
    return list(planned.values())


def _plan_product(
    draft: ProductDraft, before: Product | None, stored: Stored, job: Import, findings: Findings
) -> Planned:
    references = stored.references.of(draft, before)
    content = import_mapping.content_of(
        draft,
        category_id=references.category.id if references.category else None,
        vendor_id=references.vendor.id if references.vendor else None,
        before=before.content if before else None,
    )
    variant_ids = catalog.ids_of_variants(content, before)
    if before is not None and (missing := [id_ for id_ in before.variant_ids if id_ not in variant_ids]):
        if job.variants is VariantPolicy.KEEP:
            content, variant_ids = with_kept_variants(content, variant_ids, before)
        findings.notes.append(_variants_note(draft, before, missing, job))
    change = Change(
        product_id=before.id if before else new_id(),
        before=before,
        content=content,
        variant_ids=variant_ids,
        lineage=references.lineage,
        category_path=references.category.path if references.category else None,
        vendor_name=references.vendor.name if references.vendor else None,
    )
    counted = _quantities_to_set(draft, change, stored, job)
    if unknown := [v for v in tracked_without_quantity(draft) if v.options in _new_options(change)]:
        message = (
            f"The file has no quantity for {counted_noun(len(unknown), 'new variant')} of {draft.handle[:80]!r} with"
            " tracked stock; the stock is 0"
        )
        findings.notes.append(RowNote(unknown[0].line or draft.line, columns.QUANTITY, "quantity_missing", message))
    return Planned(line=draft.line, change=change, counted=counted)


def _quantities_to_set(draft: ProductDraft, change: Change, stored: Stored, job: Import) -> CountedStock:
    """Return the quantities to set: of new variants, and of existing variants if the import overwrites stock."""
    new: dict[UUID, int | None] = {}
    known: dict[UUID, int] = {}
    known_ids = frozenset(change.before.variant_ids if change.before else ())
    overwrites, stock = job.stock is StockPolicy.OVERWRITE, stored.stock
    by_options = {each.options: each for each in draft.variants}
    for variant_id, variant in zip(change.variant_ids, change.content.variants, strict=True):
        each = by_options.get(variant.values)
        if each is None or not _is_tracked(each, draft.given_columns):
            continue
        on_hand = max(0, each.quantity or 0)
        if variant_id not in known_ids:
            new[variant_id] = on_hand
        elif overwrites and each.quantity is not None and available_units(variant, on_hand) != stock.get(variant_id):
            known[variant_id] = on_hand
    return CountedStock(new=new, known=known)


def _new_options(change: Change) -> set[tuple[str, ...]]:
    return {positioned.variant.values for positioned in change.added}


def _variants_note(draft: ProductDraft, before: Product, missing: Sequence[UUID], job: Import) -> RowNote:
    names = [
        " / ".join(variant.values) or "without options"
        for id_, variant in zip(before.variant_ids, before.content.variants, strict=True)
        if id_ in missing
    ]
    listed = ", ".join(map(repr, names[:_MOST_NAMED])) + (" …" if len(names) > _MOST_NAMED else "")
    if job.variants is VariantPolicy.KEEP:
        message = f"The file does not have the variants {listed[:500]}; they stay. Delete them with variants=replace"
        return RowNote(draft.line, None, "variants_kept", message)
    return RowNote(draft.line, None, "variants_deleted", f"The file does not have the variants {listed[:500]}: deleted")


def _is_tracked(draft: VariantDraft, given_columns: Collection[str]) -> bool:
    # A blank tracker means an untracked variant; without the column a quantity means a tracked one.
    return draft.tracked or (columns.TRACKER not in given_columns and draft.quantity is not None)
