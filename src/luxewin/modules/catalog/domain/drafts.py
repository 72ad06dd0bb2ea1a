"""From what a product file says of a product to the product; `sheets` is the way back."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from luxewin.modules.catalog.domain import sheets
from luxewin.modules.catalog.domain.addresses import is_image_address
from luxewin.modules.catalog.domain.categories import path_names
from luxewin.modules.catalog.domain.descriptions import LONGEST_DESCRIPTION, sanitised
from luxewin.modules.catalog.domain.names import LONGEST_NAME, slug_of_handle
from luxewin.modules.catalog.domain.products import Content, Image, Variant, options_of
from luxewin.modules.catalog.domain.shopify_csv import (
    ImageDraft,
    InventoryPolicy,
    ProductDraft,
    RowError,
    VariantDraft,
    columns,
)
from luxewin.modules.catalog.errors import CategoryInvalid

Said = Collection[str]
"""The columns that a file has; of the others it says nothing, and what was known stays."""

_OF_THE_PRODUCT = {
    columns.BODY: "description",
    columns.VENDOR: "vendor_id",
    columns.TYPE: "category_id",
    columns.TAGS: "tags",
    columns.IMAGE_SRC: "images",
}
_OF_THE_VARIANT = {
    columns.SKU: "sku",
    columns.GRAMS: "weight_grams",
    columns.COMPARE_AT: "compare_at_minor",
    columns.COST: "cost_minor",
    columns.BARCODE: "barcode",
    columns.SHIPPING: "requires_shipping",
    columns.TAXABLE: "taxable",
    columns.TAX_CODE: "tax_code",
    columns.VARIANT_IMAGE: "image_url",
}
_EXTRA_OF_THE_PRODUCT = {
    sheets.HANDLE: columns.HANDLE,
    sheets.GIFT_CARD: columns.GIFT_CARD,
    sheets.SEO_TITLE: columns.SEO_TITLE,
    sheets.SEO_DESCRIPTION: columns.SEO_DESCRIPTION,
    sheets.IMAGE_COLUMNS: columns.IMAGE_SRC,
}
_EXTRA_OF_THE_VARIANT = {
    sheets.WEIGHT_UNIT: columns.WEIGHT_UNIT,
    sheets.FULFILMENT: columns.FULFILMENT,
}


def problems_of(draft: ProductDraft) -> list[RowError]:
    """Return what keeps a product out of this catalogue, though the file is sound."""
    return [RowError(draft.line, *problem) for problem in (*_long_texts(draft), *_addresses(draft), *_others(draft))]


def category_path(draft: ProductDraft) -> tuple[str, ...]:
    """Return the names of the product's category from the root down; its type is its category.

    Raises:
        CategoryInvalid: the type cannot be the path of a category.
    """
    return path_names(draft.type) if draft.type.strip() else ()


def content_of(
    draft: ProductDraft, *, category_id: UUID | None, vendor_id: UUID | None, before: Content | None
) -> Content:
    """Return the content that the product shall have; what the file has no column for stays as it was `before`."""
    said = draft.said
    known = {variant.key: variant for variant in before.variants} if before else {}
    variants = [_variant(each, known=known, said=said) for each in draft.variants]
    content = Content(
        slug=slug_of_handle(draft.handle),
        name=draft.title.strip(),
        description=sanitised(draft.body_html),
        status=sheets.status_of(draft.status, published=draft.published),
        category_id=category_id,
        vendor_id=vendor_id,
        tags=draft.tags,
        images=_images(draft, before.images if before else (), said),
        options=options_of(draft.options, variants, preferred=before.options if before else ()),
        variants=tuple(variants),
        extra=_extra(draft),
    )
    return _keeping(content, before, said) if before else content


def _variant(draft: VariantDraft, *, known: Mapping[str, Variant], said: Said) -> Variant:
    variant = Variant(
        values=draft.options,
        sku=draft.sku,
        price_minor=draft.price_minor,
        compare_at_minor=draft.compare_at_minor,
        cost_minor=draft.cost_minor,
        barcode=draft.barcode,
        weight_grams=draft.grams,
        requires_shipping=draft.requires_shipping,
        taxable=draft.taxable,
        tax_code=draft.tax_code,
        image_url=draft.image or None,
        extra=_variant_extra(draft),
    )
    before = known.get(variant.key)
    if before is None:
        return variant
    unsaid = {field: getattr(before, field) for column, field in _OF_THE_VARIANT.items() if column not in said}
    # Who counts the stock, and whether more may be sold, is settled when a variant is new.
    settled = {sheets.TRACKER, sheets.POLICY}
    extra = {key: value for key, value in variant.extra.items() if key not in settled}
    extra |= {key: value for key, value in before.extra.items() if key in settled}
    return replace(variant, extra=_merged(extra, before.extra, _EXTRA_OF_THE_VARIANT, said), **unsaid)


def _images(draft: ProductDraft, before: tuple[Image, ...], said: Said) -> tuple[Image, ...]:
    known = {image.url: image for image in before}
    last = len(draft.images) + max((image.position or 0 for image in draft.images), default=0)
    in_order = sorted(draft.images, key=lambda image: image.position or last)
    return tuple(_image(image, known.get(image.src, Image(url=image.src)), said) for image in in_order)


def _image(draft: ImageDraft, known: Image, said: Said) -> Image:
    return replace(known, alt=draft.alt.strip()) if columns.IMAGE_ALT in said else known


def _extra(draft: ProductDraft) -> dict[str, Any]:
    status = sheets.status_of(draft.status, published=draft.published)
    is_usual = sheets.USUAL_WORDS[status] == (draft.status, draft.published)
    said = {
        sheets.HANDLE: draft.handle if draft.handle != slug_of_handle(draft.handle) else "",
        sheets.GIFT_CARD: draft.gift_card,
        sheets.SEO_TITLE: draft.seo_title,
        sheets.SEO_DESCRIPTION: draft.seo_description,
        sheets.GOOGLE: dict(draft.google),
        sheets.COLUMNS: dict(draft.extra),
        sheets.IMAGE_COLUMNS: {image.src: dict(image.extra) for image in draft.images if image.extra},
    }
    words = {} if is_usual else {sheets.STATUS: draft.status.value, sheets.PUBLISHED: draft.published}
    return {key: value for key, value in said.items() if value} | words


def _variant_extra(draft: VariantDraft) -> dict[str, Any]:
    said = {
        sheets.WEIGHT_UNIT: draft.weight_unit.value if draft.weight_unit else "",
        sheets.TRACKER: "" if draft.inventory_tracker == sheets.OUR_TRACKER else draft.inventory_tracker,
        sheets.POLICY: "" if draft.inventory_policy is InventoryPolicy.DENY else draft.inventory_policy.value,
        sheets.FULFILMENT: "" if draft.fulfilment_service == "manual" else draft.fulfilment_service,
        sheets.COLUMNS: dict(draft.extra),
    }
    return {key: value for key, value in said.items() if value}


def _keeping(content: Content, before: Content, said: Said) -> Content:
    kept: dict[str, Any] = {
        field: getattr(before, field) for column, field in _OF_THE_PRODUCT.items() if column not in said
    }
    extra = _merged(content.extra, before.extra, _EXTRA_OF_THE_PRODUCT, said)
    if columns.STATUS not in said and columns.PUBLISHED not in said:
        kept["status"] = before.status
        words = {key: value for key, value in before.extra.items() if key in {sheets.STATUS, sheets.PUBLISHED}}
        extra = {key: value for key, value in extra.items() if key not in {sheets.STATUS, sheets.PUBLISHED}} | words
    google = _unsaid(before.extra.get(sheets.GOOGLE, {}), said, prefix=columns.GOOGLE_PREFIX)
    if google or sheets.GOOGLE in extra:
        extra[sheets.GOOGLE] = google | extra.get(sheets.GOOGLE, {})
    return replace(content, product_type_id=before.product_type_id, attributes=before.attributes, extra=extra, **kept)


def _merged(
    extra: Mapping[str, Any], before: Mapping[str, Any], columns_by_key: Mapping[str, str], said: Said
) -> dict[str, Any]:
    kept = {key: before[key] for key, column in columns_by_key.items() if column not in said and key in before}
    cells = _unsaid(before.get(sheets.COLUMNS, {}), said) | extra.get(sheets.COLUMNS, {})
    return {**extra, **kept, **({sheets.COLUMNS: cells} if cells else {})}


def _unsaid(cells: Mapping[str, str], said: Said, *, prefix: str = "") -> dict[str, str]:
    return {name: cell for name, cell in cells.items() if prefix + name not in said}


_Problem = tuple[str, str, str]


def _long_texts(draft: ProductDraft) -> list[_Problem]:
    lengths = {
        columns.TITLE: (len(draft.title), LONGEST_NAME),
        columns.BODY: (len(draft.body_html), LONGEST_DESCRIPTION),
        columns.VENDOR: (len(draft.vendor), LONGEST_NAME),
        columns.SKU: (max(len(variant.sku or "") for variant in draft.variants), LONGEST_NAME),
    }
    return [
        (column, "text_too_long", f"The text has {length:,} characters; {most:,} are the most")
        for column, (length, most) in lengths.items()
        if length > most
    ]


def _addresses(draft: ProductDraft) -> list[_Problem]:
    addresses = [(columns.IMAGE_SRC, image.src) for image in draft.images]
    addresses += [(columns.VARIANT_IMAGE, variant.image) for variant in draft.variants if variant.image]
    return [
        (column, "image_address_refused", f"{address[:80]!r} is no http or https address")
        for column, address in addresses
        if not is_image_address(address)
    ]


def _others(draft: ProductDraft) -> list[_Problem]:
    problems = []
    skus = [variant.sku for variant in draft.variants if variant.sku]
    if len(set(skus)) < len(skus):
        problems.append((columns.SKU, "sku_repeated", "Two variants of this product have the same SKU"))
    try:
        category_path(draft)
    except CategoryInvalid as invalid:
        problems.append((columns.TYPE, "category_invalid", invalid.detail))
    return problems
