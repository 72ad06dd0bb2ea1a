"""Mapping the variants in a product file to the variants of the product that they are."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from luxewin.kit.ids import new_id
from luxewin.modules.catalog.public.values import (
    POLICY,
    VARIANT_FIELDS,
    Product,
    ProductInvalid,
    Variant,
    WantedVariant,
    label,
    match_variants,
    must_be_distinct,
    option_key,
    with_known_spellings,
)
from luxewin.modules.catalog_import.domain.export_mapping import (
    COLUMNS,
    FULFILMENT,
    SHOP_TRACKER,
    TRACKER,
    WEIGHT_UNIT,
)
from luxewin.modules.catalog_import.domain.shopify_csv import InventoryPolicy, ProductDraft, VariantDraft, columns

_VARIANT_COLUMNS = {field.column: field.name for field in VARIANT_FIELDS if not field.is_required}
_VARIANT_EXTRA_COLUMNS = {
    WEIGHT_UNIT: columns.WEIGHT_UNIT,
    POLICY: columns.POLICY,
    FULFILMENT: columns.FULFILMENT,
}
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedVariants:
    """The variants that a product will have, with their ids; `drafts` are their rows in the file, if they have one."""

    names: tuple[str, ...]
    variants: tuple[Variant, ...]
    ids: tuple[UUID, ...]
    drafts: tuple[VariantDraft | None, ...]


def describe_variants(draft: ProductDraft, before: Product | None, *, replaces: bool) -> DescribedVariants:
    """Return the variants that a product has after the import.

    A variant of the file is recognised by its SKU, else by its options in any spelling, and keeps its id. Variants of
    the product that the file does not have stay, unless the file `replaces` them. Then the order is that of the
    product, and new variants follow.

    Raises:
        ProductInvalid: two variants are the same, or a variant that stays has no value for an option of the file.
    """
    names = tuple(map(label, draft.options))
    values = [tuple(map(label, each.options)) for each in draft.variants]
    skus = [label(each.sku) if each.sku else None for each in draft.variants]
    wanted = [WantedVariant(sku=sku, values=own) for sku, own in zip(skus, values, strict=True)]
    matched = match_variants(wanted, names, before)
    known = [before.variant(variant_id) if before and variant_id else None for variant_id in matched]
    built = [
        replace(_variant(each, stored, given_columns=draft.given_columns), values=own, sku=_sku(sku, stored, draft))
        for each, own, sku, stored in zip(draft.variants, values, skus, known, strict=True)
    ]
    ids = [variant_id or new_id() for variant_id in matched]
    rows: list[tuple[UUID, Variant, Variant | None, VariantDraft | None]] = list(
        zip(ids, built, known, draft.variants, strict=True)
    )
    staying = [] if replaces or before is None else [each for each in before.variant_ids if each not in set(matched)]
    if before is not None and staying:
        rows = _with_staying(rows, staying, before, names)
    spelled = with_known_spellings([row[1] for row in rows], [row[2] for row in rows], names)
    must_be_distinct(spelled, before.content.variants if before else ())
    return DescribedVariants(
        names=names,
        variants=tuple(spelled),
        ids=tuple(row[0] for row in rows),
        drafts=tuple(row[3] for row in rows),
    )


def merge_extra(
    extra: Mapping[str, Any],
    before: Mapping[str, Any],
    columns_by_key: Mapping[str, str],
    given_columns: Collection[str],
) -> dict[str, Any]:
    """Return the further values of a file, with those before whose columns the file does not have."""
    values = {
        key: before[key] for key, column in columns_by_key.items() if column not in given_columns and key in before
    }
    cells = cells_without_column(before.get(COLUMNS, {}), given_columns) | extra.get(COLUMNS, {})
    return {**extra, **values, **({COLUMNS: cells} if cells else {})}


def cells_without_column(
    cells: Mapping[str, str], given_columns: Collection[str], *, prefix: str = ""
) -> dict[str, str]:
    """Return the cells whose column the file does not have."""
    return {
        name: cell
        for name, cell in cells.items()
        if prefix + name not in given_columns and columns.known_name(name) not in given_columns
    }


_Row = tuple[UUID, Variant, Variant | None, VariantDraft | None]


def _with_staying(rows: list[_Row], staying: Collection[UUID], before: Product, names: Sequence[str]) -> list[_Row]:
    """Return the rows and the variants that stay, in the order of the product; new variants follow."""
    by_id = {row[0]: row for row in rows}
    old_names = [option_key(option.name) for option in before.content.options]
    if set(old_names) != set(map(option_key, names)):
        missing = [before.variant(variant_id) for variant_id in list(staying)[:_MOST_NAMED]]
        listed = ", ".join(" / ".join(variant.values) or "the one without options" for variant in missing if variant)
        raise ProductInvalid(
            f"The file has other options than the product, and its variants ({listed}) are not in the file: add them"
            " with their SKUs, or import with variants=replace, which removes them"
        )
    for variant_id in staying:
        stored = before.variant(variant_id)
        assert stored is not None, "a variant that stays is a variant of the product"
        own = dict(zip(old_names, stored.values, strict=True))
        kept = replace(stored, values=tuple(own[option_key(name)] for name in names))
        by_id[variant_id] = (variant_id, kept, stored, None)
    known = [variant_id for variant_id in before.variant_ids if variant_id in by_id]
    return [by_id[variant_id] for variant_id in [*known, *(id_ for id_ in by_id if id_ not in set(known))]]


def _sku(sku: str | None, stored: Variant | None, product: ProductDraft) -> str | None:
    return stored.sku if stored is not None and columns.SKU not in product.given_columns else sku


def _variant(draft: VariantDraft, before: Variant | None, *, given_columns: Collection[str]) -> Variant:
    """Return the variant of a row; values without a column in the file stay as `before`."""
    variant = Variant(
        values=draft.options,
        extra=_variant_extra(draft),
        **{field.name: getattr(draft, field.name) for field in VARIANT_FIELDS},
    )
    if before is None:
        return variant
    without_column = {
        name: getattr(before, name) for column, name in _VARIANT_COLUMNS.items() if column not in given_columns
    }
    # Tracking is determined when a variant is created, and not changed by later imports.
    extra = {key: value for key, value in variant.extra.items() if key != TRACKER}
    extra |= {key: value for key, value in before.extra.items() if key == TRACKER}
    return replace(
        variant, extra=merge_extra(extra, before.extra, _VARIANT_EXTRA_COLUMNS, given_columns), **without_column
    )


def _variant_extra(draft: VariantDraft) -> dict[str, Any]:
    values = {
        WEIGHT_UNIT: draft.weight_unit.value if draft.weight_unit else "",
        TRACKER: "" if draft.inventory_tracker == SHOP_TRACKER else draft.inventory_tracker,
        POLICY: "" if draft.inventory_policy is InventoryPolicy.DENY else draft.inventory_policy.value,
        FULFILMENT: "" if draft.fulfilment_service == "manual" else draft.fulfilment_service,
        COLUMNS: dict(draft.extra),
    }
    return {key: value for key, value in values.items() if value}
