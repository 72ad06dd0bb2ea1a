"""Mapping the description in a product file to a product; `export_mapping` is the inverse."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from luxewin.modules.catalog.public.values import (
    HANDLE,
    LONGEST_NAME,
    POLICY,
    PRODUCT_FIELDS,
    PUBLISHED,
    STATUS,
    VARIANT_FIELDS,
    CategoryInvalid,
    Content,
    Image,
    Product,
    ProductInvalid,
    Variant,
    is_image_address,
    options_of,
    path_names,
    sanitise,
    slug_of_handle,
)
from luxewin.modules.catalog_import.domain.export_mapping import (
    COLUMNS,
    DEFAULT_STATUS,
    FULFILMENT,
    GIFT_CARD,
    GOOGLE,
    IMAGE_COLUMNS,
    SEO_DESCRIPTION,
    SEO_TITLE,
    SHOP_TRACKER,
    TRACKER,
    WEIGHT_UNIT,
    status_of,
)
from luxewin.modules.catalog_import.domain.shopify_csv import (
    ImageDraft,
    InventoryPolicy,
    ProductDraft,
    RowError,
    VariantDraft,
    columns,
)

_PRODUCT_COLUMNS = {
    **{field.column: field.name for field in PRODUCT_FIELDS if not field.is_required},
    columns.VENDOR: "vendor_id",
    columns.TYPE: "category_id",
    columns.IMAGE_SRC: "images",
}
_VARIANT_COLUMNS = {field.column: field.name for field in VARIANT_FIELDS if not field.is_required}
_PRODUCT_EXTRA_COLUMNS = {
    HANDLE: columns.HANDLE,
    GIFT_CARD: columns.GIFT_CARD,
    SEO_TITLE: columns.SEO_TITLE,
    SEO_DESCRIPTION: columns.SEO_DESCRIPTION,
    IMAGE_COLUMNS: columns.IMAGE_SRC,
}
_VARIANT_EXTRA_COLUMNS = {WEIGHT_UNIT: columns.WEIGHT_UNIT, FULFILMENT: columns.FULFILMENT}


def problems_of(draft: ProductDraft) -> list[RowError]:
    """Return the reasons why a product of a valid file cannot be imported into the catalogue."""
    return [
        RowError(draft.line, *problem) for problem in (*_long_texts(draft), *_addresses(draft), *_other_problems(draft))
    ]


def category_path(draft: ProductDraft) -> tuple[str, ...]:
    """Return the names of the product's category from the root; the file's product type is the category.

    Raises:
        CategoryInvalid: the type cannot be the path of a category.
    """
    return path_names(draft.type) if draft.type.strip() else ()


def content_of(
    draft: ProductDraft, *, category_id: UUID | None, vendor_id: UUID | None, before: Content | None
) -> Content:
    """Return the content that the file describes; values without a column in the file stay as `before`."""
    given_columns = draft.given_columns
    known = {variant.key: variant for variant in before.variants} if before else {}
    variants = [_variant(each, known=known, given_columns=given_columns) for each in draft.variants]
    fields = {field.name: getattr(draft, field.name) for field in PRODUCT_FIELDS}
    fields |= {"name": draft.name.strip(), "description": sanitise(draft.description)}
    content = Content(
        slug=slug_of_handle(draft.handle),
        status=status_of(draft.status, published=draft.published),
        category_id=category_id,
        vendor_id=vendor_id,
        images=_images(draft, before.images if before else (), given_columns),
        options=options_of(draft.options, variants, preferred=before.options if before else ()),
        variants=tuple(variants),
        extra=_extra(draft),
        **fields,
    )
    return _keep_values_without_column(content, before, given_columns) if before else content


def with_kept_variants(
    content: Content, variant_ids: Sequence[UUID], before: Product
) -> tuple[Content, tuple[UUID, ...]]:
    """Return the content with the variants that it lacks, and the ids of all; known variants stay in their order.

    Raises:
        ProductInvalid: the variants of both have different options, or the same SKU.
    """
    new = dict(zip(variant_ids, content.variants, strict=True))
    known = dict(zip(before.variant_ids, before.content.variants, strict=True))
    kept = [variant for id_, variant in known.items() if id_ not in new]
    if any(len(variant.values) != len(content.options) for variant in kept):
        options = ", ".join(option.name for option in before.content.options) or "no options"
        raise ProductInvalid(
            f"The product has variants with {options[:80]}, which do not fit the options of the file; import it with"
            " variants=replace to delete them"
        )
    skus = set(content.skus) & {variant.sku for variant in kept}
    if skus:
        raise ProductInvalid(
            f"The SKU {min(skus)[:80]!r} belongs to a variant of this product that the file does not have; import it"
            " with variants=replace to delete that variant"
        )
    merged = {**{id_: new.get(id_, variant) for id_, variant in known.items()}, **new}
    variants = tuple(merged.values())
    names = [option.name for option in content.options]
    options_after = options_of(names, variants, preferred=before.content.options)
    return replace(content, variants=variants, options=options_after), tuple(merged)


def _variant(draft: VariantDraft, *, known: Mapping[str, Variant], given_columns: Collection[str]) -> Variant:
    variant = Variant(
        values=draft.options,
        extra=_variant_extra(draft),
        **{field.name: getattr(draft, field.name) for field in VARIANT_FIELDS},
    )
    before = known.get(variant.key)
    if before is None:
        return variant
    without_column = {
        name: getattr(before, name) for column, name in _VARIANT_COLUMNS.items() if column not in given_columns
    }
    # Tracking and backorders are determined when a variant is created, and not changed by later imports.
    fixed_keys = {TRACKER, POLICY}
    extra = {key: value for key, value in variant.extra.items() if key not in fixed_keys}
    extra |= {key: value for key, value in before.extra.items() if key in fixed_keys}
    return replace(
        variant, extra=_merge_extra(extra, before.extra, _VARIANT_EXTRA_COLUMNS, given_columns), **without_column
    )


def _images(draft: ProductDraft, before: tuple[Image, ...], given_columns: Collection[str]) -> tuple[Image, ...]:
    known = {image.url: image for image in before}
    last = len(draft.images) + max((image.position or 0 for image in draft.images), default=0)
    in_order = sorted(draft.images, key=lambda image: image.position or last)
    return tuple(_image(image, known.get(image.src, Image(url=image.src)), given_columns) for image in in_order)


def _image(draft: ImageDraft, known: Image, given_columns: Collection[str]) -> Image:
    return replace(known, alt=draft.alt.strip()) if columns.IMAGE_ALT in given_columns else known


def _extra(draft: ProductDraft) -> dict[str, Any]:
    status = status_of(draft.status, published=draft.published)
    is_default = DEFAULT_STATUS[status] == (draft.status, draft.published)
    values = {
        HANDLE: draft.handle if draft.handle != slug_of_handle(draft.handle) else "",
        GIFT_CARD: draft.gift_card,
        SEO_TITLE: draft.seo_title,
        SEO_DESCRIPTION: draft.seo_description,
        GOOGLE: dict(draft.google),
        COLUMNS: dict(draft.extra),
        IMAGE_COLUMNS: {image.src: dict(image.extra) for image in draft.images if image.extra},
    }
    status_words = {} if is_default else {STATUS: draft.status.value, PUBLISHED: draft.published}
    return {key: value for key, value in values.items() if value} | status_words


def _variant_extra(draft: VariantDraft) -> dict[str, Any]:
    values = {
        WEIGHT_UNIT: draft.weight_unit.value if draft.weight_unit else "",
        TRACKER: "" if draft.inventory_tracker == SHOP_TRACKER else draft.inventory_tracker,
        POLICY: "" if draft.inventory_policy is InventoryPolicy.DENY else draft.inventory_policy.value,
        FULFILMENT: "" if draft.fulfilment_service == "manual" else draft.fulfilment_service,
        COLUMNS: dict(draft.extra),
    }
    return {key: value for key, value in values.items() if value}


def _keep_values_without_column(content: Content, before: Content, given_columns: Collection[str]) -> Content:
    values: dict[str, Any] = {
        name: getattr(before, name) for column, name in _PRODUCT_COLUMNS.items() if column not in given_columns
    }
    extra = _merge_extra(content.extra, before.extra, _PRODUCT_EXTRA_COLUMNS, given_columns)
    if columns.STATUS not in given_columns and columns.PUBLISHED not in given_columns:
        values["status"] = before.status
        extra = {key: value for key, value in extra.items() if key not in {STATUS, PUBLISHED}}
        extra |= {key: value for key, value in before.extra.items() if key in {STATUS, PUBLISHED}}
    google = _cells_without_column(before.extra.get(GOOGLE, {}), given_columns, prefix=columns.GOOGLE_PREFIX)
    if google or GOOGLE in extra:
        extra[GOOGLE] = google | extra.get(GOOGLE, {})
    return replace(content, product_type_id=before.product_type_id, attributes=before.attributes, extra=extra, **values)


def _merge_extra(
    extra: Mapping[str, Any],
    before: Mapping[str, Any],
    columns_by_key: Mapping[str, str],
    given_columns: Collection[str],
) -> dict[str, Any]:
    values = {
        key: before[key] for key, column in columns_by_key.items() if column not in given_columns and key in before
    }
    cells = _cells_without_column(before.get(COLUMNS, {}), given_columns) | extra.get(COLUMNS, {})
    return {**extra, **values, **({COLUMNS: cells} if cells else {})}


def _cells_without_column(
    cells: Mapping[str, str], given_columns: Collection[str], *, prefix: str = ""
) -> dict[str, str]:
    return {
        name: cell
        for name, cell in cells.items()
        if prefix + name not in given_columns and columns.known_name(name) not in given_columns
    }


_Problem = tuple[str, str, str]


def _long_texts(draft: ProductDraft) -> list[_Problem]:
    lengths = [(field, len(getattr(draft, field.name))) for field in PRODUCT_FIELDS if field.longest]
    lengths += [
        (field, max(len(getattr(variant, field.name) or "") for variant in draft.variants))
        for field in VARIANT_FIELDS
        if field.longest
    ]
    found = [(field.column, length, field.longest) for field, length in lengths]
    found.append((columns.VENDOR, len(draft.vendor), LONGEST_NAME))
    return [
        (
            column,
            "text_too_long",
            f"The text has {length:,} characters; at most {longest:,} are allowed",
        )
        for column, length, longest in found
        if longest is not None and length > longest
    ]


def _addresses(draft: ProductDraft) -> list[_Problem]:
    return [
        (columns.IMAGE_SRC, "image_address_refused", f"{image.src[:80]!r} is not an http or https address")
        for image in draft.images
        if not is_image_address(image.src)
    ]


def _other_problems(draft: ProductDraft) -> list[_Problem]:
    try:
        category_path(draft)
    except CategoryInvalid as invalid:
        return [(columns.TYPE, "category_invalid", invalid.detail)]
    return []
