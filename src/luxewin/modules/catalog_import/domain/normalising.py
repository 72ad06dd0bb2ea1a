"""What products of every format have in common: values that cannot be meant so are left out, with a note."""

import re
from collections.abc import Iterator
from dataclasses import replace

from luxewin.modules.catalog.public.values import has_useless_comparison
from luxewin.modules.catalog_import.domain.shopify_csv import ProductDraft, RowNote, VariantDraft
from luxewin.modules.catalog_import.domain.shopify_csv import columns as names

CATEGORY_TAKEN = "category_taken"
"""The code of a note that is the same for every product; the first one is enough."""
_LEVELS = re.compile(r"\s+>\s+")


def normalise(draft: ProductDraft) -> tuple[ProductDraft | None, list[RowNote]]:
    """Return the product as it is imported, and notes of what was changed; None if it is left out as a whole."""
    if draft.gift_card:
        message = f"{draft.name[:80]!r} is a gift card, which is no good with stock and shipping; it was left out"
        return None, [RowNote(draft.line, names.GIFT_CARD, "gift_card_left_out", message)]
    notes: list[RowNote] = []
    draft = _with_category(draft, notes)
    variants = tuple(_without_useless_comparison(variant) for variant in draft.variants)
    if variants != draft.variants:
        ignored = [before for before, after in zip(draft.variants, variants, strict=True) if before != after]
        what = "It was" if len(ignored) == 1 else f"{len(ignored):,} of them were"
        message = f"A compare-at price must be higher than the price. {what} not, and ignored"
        notes.append(RowNote(ignored[0].line or draft.line, names.COMPARE_AT, "compare_at_ignored", message))
    return replace(draft, variants=variants), notes


def _with_category(draft: ProductDraft, notes: list[RowNote]) -> ProductDraft:
    """Take the category from the product category if there is no type; ` > ` separates the names of a path."""
    written = draft.type
    given = draft.given_columns
    column = next((name for name in draft.extra if names.is_product_category(name)), names.PRODUCT_CATEGORY)
    if not written.strip() and (category := draft.extra.get(column, "")):
        written, given = category, given | {names.TYPE}
        message = f"Products without a type got the category that is in {column!r}"
        notes.append(RowNote(draft.line, column, CATEGORY_TAKEN, message))
    if _LEVELS.search(written):
        levels = _LEVELS.split(written.strip())
        written = "/".join(re.sub(r"\s*/\s*", " & ", level) for level in levels)
    return draft if written == draft.type else replace(draft, type=written, given_columns=given)


def _without_useless_comparison(variant: VariantDraft) -> VariantDraft:
    return replace(variant, compare_at_minor=None) if has_useless_comparison(variant) else variant


def tracked_without_quantity(draft: ProductDraft) -> Iterator[VariantDraft]:
    """Yield the variants whose stock is tracked, and for which the file has no quantity."""
    yield from (variant for variant in draft.variants if variant.tracked and variant.quantity is None)
