"""Planning the changes that the products of a file make."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from luxewin.kit.ids import new_id
from luxewin.kit.text import counted as counted_noun
from luxewin.modules.catalog.public import CountedStock
from luxewin.modules.catalog.public.values import Change, Product, ProductInvalid, option_key, slugs_of_handle
from luxewin.modules.catalog_import.domain import import_mapping
from luxewin.modules.catalog_import.domain.export_mapping import handle_of
from luxewin.modules.catalog_import.domain.imports import Import, Outcome, StockPolicy, VariantPolicy
from luxewin.modules.catalog_import.domain.normalising import tracked_without_quantity
from luxewin.modules.catalog_import.domain.shopify_csv import ProductDraft, RowError, RowNote, VariantDraft, columns
from luxewin.modules.catalog_import.domain.variant_mapping import DescribedVariants, describe_variants
from luxewin.modules.catalog_import.service.references import References
from luxewin.modules.inventory.public import UNTRACKED, Availability

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
        before, change = self.change.before, self.change
        return before is None or before.content != change.content or before.variant_ids != change.variant_ids

    @property
    def outcome(self) -> Outcome:
        """The outcome for the product."""
        if self.change.before is None:
            return Outcome.CREATED
        return Outcome.CHANGED if self.differs or self.counted.known else Outcome.UNCHANGED


@dataclass(frozen=True, kw_only=True)
class Stored:
    """The catalogue's products and stock for a batch; `stock` is read only if it is listed or may be overwritten."""

    products: Mapping[str, Product]
    references: References
    stock: Mapping[UUID, Availability]


def plan(drafts: Sequence[ProductDraft], stored: Stored, job: Import, findings: Findings) -> list[Planned]:
    """Return the change of each product, and add the errors of those that cannot be imported."""
    errors = findings.errors
    planned: dict[str, Planned] = {}
    for draft in drafts:
        slugs = slugs_of_handle(draft.handle)
        slug = next((each for each in slugs if each in stored.products), slugs[0])
        before = stored.products.get(slug)
        if slug in planned or (before and option_key(handle_of(before.content)) != option_key(draft.handle)):
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
                known = replace(draft, handle=handle_of(before.content)) if before else draft
                planned[slug] = _plan_product(known, before, stored, job, findings)
            except ProductInvalid as invalid:
                errors.append(RowError(draft.line, None, "product_invalid", invalid.detail))
    return list(planned.values())


def _plan_product(
    draft: ProductDraft, before: Product | None, stored: Stored, job: Import, findings: Findings
) -> Planned:
    references = stored.references.of(draft, before)
    variants = describe_variants(draft, before, replaces=job.variants is VariantPolicy.REPLACE)
    content = import_mapping.content_of(
        draft,
        variants,
        category_id=references.category.id if references.category else None,
        vendor_id=references.vendor.id if references.vendor else None,
        before=before.content if before else None,
    )
    in_file = {id_ for id_, each in zip(variants.ids, variants.drafts, strict=True) if each is not None}
    if before is not None and (missing := [id_ for id_ in before.variant_ids if id_ not in in_file]):
        findings.notes.append(_variants_note(draft, before, missing, job))
    change = Change(
        product_id=before.id if before else new_id(),
        before=before,
        content=content,
        variant_ids=variants.ids,
        lineage=references.lineage,
        category_path=references.category.path if references.category else None,
        vendor_name=references.vendor.name if references.vendor else None,
    )
    counted = _quantities_to_set(draft, variants, change, stored, job)
    new = [each for id_, each in zip(variants.ids, variants.drafts, strict=True) if id_ in counted.new]
    if unknown := [each for each in tracked_without_quantity(draft) if each in new]:
        message = (
            f"The file has no quantity for {counted_noun(len(unknown), 'new variant')} of {draft.handle[:80]!r} with"
            " tracked stock; the stock is 0"
        )
        findings.notes.append(RowNote(unknown[0].line or draft.line, columns.QUANTITY, "quantity_missing", message))
    return Planned(line=draft.line, change=change, counted=counted)


def _quantities_to_set(
    draft: ProductDraft, variants: DescribedVariants, change: Change, stored: Stored, job: Import
) -> CountedStock:
    """Return the quantities to set: of new variants, and of existing variants if the import overwrites stock.

    A quantity is the number of available units, and negative if more are sold on backorder than are on hand.
    """
    new: dict[UUID, int | None] = {}
    known: dict[UUID, int] = {}
    known_ids = frozenset(change.before.variant_ids if change.before else ())
    for variant_id, each in zip(variants.ids, variants.drafts, strict=True):
        if each is None or not _is_tracked(each, draft.given_columns):
            continue
        if variant_id not in known_ids:
            new[variant_id] = max(0, each.quantity or 0)
        elif job.stock is StockPolicy.OVERWRITE and each.quantity is not None:
            level = stored.stock.get(variant_id, UNTRACKED)
            number = lowest_settable(each.quantity, level)
            if number != level.stock:
                known[variant_id] = number
    return CountedStock(new=new, known=known)


def lowest_settable(quantity: int, level: Availability) -> int:
    """Return the stock for a quantity; with nothing on hand it is the number of reserved units, negated."""
    return max(quantity, -level.reserved)


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
