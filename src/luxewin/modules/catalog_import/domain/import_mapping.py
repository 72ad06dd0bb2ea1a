"""Mapping the description in a product file to a product; `export_mapping` is the inverse."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any
from uuid import UUID

from luxewin.modules.catalog.public.values import (
    HANDLE,
    LONGEST_NAME,
    PRODUCT_FIELDS,
    PUBLISHED,
    SEO_DESCRIPTION,
    SEO_TITLE,
    STATUS,
    VARIANT_FIELDS,
    CategoryInvalid,
    Content,
    Image,
    distinct_tags,
    is_image_address,
    label,
    options_of,
    path_names,
    sanitise,
    slug_of_handle,
)
from luxewin.modules.catalog_import.domain.export_mapping import (
    COLUMNS,
    DEFAULT_STATUS,
    GIFT_CARD,
    GOOGLE,
    IMAGE_COLUMNS,
    status_of,
)
from luxewin.modules.catalog_import.domain.shopify_csv import (
    ImageDraft,
    ProductDraft,
    RowError,
    columns,
)
from luxewin.modules.catalog_import.domain.variant_mapping import (
    DescribedVariants,
    cells_without_column,
    merge_extra,
)

_PRODUCT_COLUMNS = {
    **{field.column: field.name for field in PRODUCT_FIELDS if not field.is_required},
    columns.VENDOR: "vendor_id",
    columns.TYPE: "category_id",
    columns.IMAGE_SRC: "images",
}
_PRODUCT_EXTRA_COLUMNS = {
    HANDLE: columns.HANDLE,
    GIFT_CARD: columns.GIFT_CARD,
    SEO_TITLE: columns.SEO_TITLE,
    SEO_DESCRIPTION: columns.SEO_DESCRIPTION,
    IMAGE_COLUMNS: columns.IMAGE_SRC,
}


def problems_of(draft: ProductDraft) -> list[RowError]:
    """Return the reasons why a product of a valid file cannot be imported into the catalogue."""
    return [
        RowError(draft.line, *problem)
        for problem in (*_long_texts(draft), *_control_characters(draft), *_addresses(draft), *_other_problems(draft))
    ]


def category_path(draft: ProductDraft) -> tuple[str, ...]:
    """Return the names of the product's category from the root; the file's product type is the category.

    Raises:
        CategoryInvalid: the type cannot be the path of a category.
    """
    return path_names(draft.type) if draft.type.strip() else ()


def content_of(
    draft: ProductDraft,
    variants: DescribedVariants,
    *,
    category_id: UUID | None,
    vendor_id: UUID | None,
    before: Content | None,
) -> Content:
    """Return the content that the file describes; values without a column in the file stay as `before`."""
    given_columns = draft.given_columns
    fields = {field.name: getattr(draft, field.name) for field in PRODUCT_FIELDS}
    fields |= {
        "name": draft.name.strip(),
        "description": sanitise(draft.description),
        "tags": distinct_tags(map(label, draft.tags)),
    }
    content = Content(
        slug=before.slug if before else slug_of_handle(label(draft.handle)),
        status=status_of(draft.status, published=draft.published),
        category_id=category_id,
        vendor_id=vendor_id,
        images=_images(draft, before.images if before else (), given_columns),
        options=options_of(variants.names, variants.variants, preferred=before.options if before else ()),
        variants=variants.variants,
        extra=_extra(draft),
        **fields,
    )
    return _keep_values_without_column(content, before, given_columns) if before else content


def _images(draft: ProductDraft, before: tuple[Image, ...], given_columns: Collection[str]) -> tuple[Image, ...]:
    known = {image.url: image for image in before}
    last = len(draft.images) + max((image.position or 0 for image in draft.images), default=0)
    in_order = sorted(draft.images, key=lambda image: image.position or last)
    return tuple(_image(image, known.get(image.src, Image(url=image.src)), given_columns) for image in in_order)


def _image(draft: ImageDraft, known: Image, given_columns: Collection[str]) -> Image:
    return replace(known, alt=draft.alt.strip()) if columns.IMAGE_ALT in given_columns else known


def _extra(draft: ProductDraft) -> dict[str, Any]:
    handle = label(draft.handle)
    status = status_of(draft.status, published=draft.published)
    is_default = DEFAULT_STATUS[status] == (draft.status, draft.published)
    values = {
        HANDLE: handle if handle != slug_of_handle(handle) else "",
        GIFT_CARD: draft.gift_card,
        SEO_TITLE: draft.seo_title,
        SEO_DESCRIPTION: draft.seo_description,
        GOOGLE: dict(draft.google),
        COLUMNS: dict(draft.extra),
        IMAGE_COLUMNS: {image.src: dict(image.extra) for image in draft.images if image.extra},
    }
    status_words = {} if is_default else {STATUS: draft.status.value, PUBLISHED: draft.published}
    return {key: value for key, value in values.items() if value} | status_words


def _keep_values_without_column(content: Content, before: Content, given_columns: Collection[str]) -> Content:
    values: dict[str, Any] = {
        name: getattr(before, name) for column, name in _PRODUCT_COLUMNS.items() if column not in given_columns
    }
    extra = merge_extra(content.extra, before.extra, _PRODUCT_EXTRA_COLUMNS, given_columns)
    if columns.STATUS not in given_columns and columns.PUBLISHED not in given_columns:
        values["status"] = before.status
        extra = {key: value for key, value in extra.items() if key not in {STATUS, PUBLISHED}}
        extra |= {key: value for key, value in before.extra.items() if key in {STATUS, PUBLISHED}}
    google = cells_without_column(before.extra.get(GOOGLE, {}), given_columns, prefix=columns.GOOGLE_PREFIX)
    if google or GOOGLE in extra:
        extra[GOOGLE] = google | extra.get(GOOGLE, {})
    return replace(content, product_type_id=before.product_type_id, attributes=before.attributes, extra=extra, **values)


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


def _control_characters(draft: ProductDraft) -> list[_Problem]:
    """Return the labels that contain control characters; other white space becomes a single space."""
    labels = [(columns.HANDLE, draft.handle), *((columns.TAGS, tag) for tag in draft.tags)]
    labels += zip(columns.OPTION_NAMES, draft.options, strict=False)
    for variant in draft.variants:
        labels += zip(columns.OPTION_VALUES, variant.options, strict=False)
        labels.append((columns.SKU, variant.sku or ""))
    return [
        (column, "control_characters", f"{text[:80]!r} contains control characters; remove them")
        for column, text in labels
        if not _is_printable(text)
    ]


def _is_printable(text: str) -> bool:
    try:
        return label(text) != "" or text == ""
    except ValueError:
        return False


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
