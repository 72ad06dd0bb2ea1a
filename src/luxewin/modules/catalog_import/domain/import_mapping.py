"""Products from the description in a product file; `export_mapping` is the inverse."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from luxewin.modules.catalog.public.values import (
    HANDLE,
    LONGEST_DESCRIPTION,
    LONGEST_NAME,
    POLICY,
    PUBLISHED,
    STATUS,
    CategoryInvalid,
    Content,
    Image,
    Variant,
    is_image_address,
    options_of,
    path_names,
    sanitised,
    slug_of_handle,
)
from luxewin.modules.catalog_import.domain import export_mapping
from luxewin.modules.catalog_import.domain.shopify_csv import (
    ImageDraft,
    InventoryPolicy,
    ProductDraft,
    RowError,
    VariantDraft,
    columns,
)

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
    HANDLE: columns.HANDLE,
    export_mapping.GIFT_CARD: columns.GIFT_CARD,
    export_mapping.SEO_TITLE: columns.SEO_TITLE,
    export_mapping.SEO_DESCRIPTION: columns.SEO_DESCRIPTION,
    export_mapping.IMAGE_COLUMNS: columns.IMAGE_SRC,
}
_EXTRA_OF_THE_VARIANT = {
    export_mapping.WEIGHT_UNIT: columns.WEIGHT_UNIT,
    export_mapping.FULFILMENT: columns.FULFILMENT,
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
        status=export_mapping.status_of(draft.status, published=draft.published),
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
    settled = {export_mapping.TRACKER, POLICY}
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
    status = export_mapping.status_of(draft.status, published=draft.published)
    is_usual = export_mapping.USUAL_WORDS[status] == (draft.status, draft.published)
    said = {
        HANDLE: draft.handle if draft.handle != slug_of_handle(draft.handle) else "",
        export_mapping.GIFT_CARD: draft.gift_card,
        export_mapping.SEO_TITLE: draft.seo_title,
        export_mapping.SEO_DESCRIPTION: draft.seo_description,
        export_mapping.GOOGLE: dict(draft.google),
        export_mapping.COLUMNS: dict(draft.extra),
        export_mapping.IMAGE_COLUMNS: {image.src: dict(image.extra) for image in draft.images if image.extra},
    }
    words = {} if is_usual else {STATUS: draft.status.value, PUBLISHED: draft.published}
    return {key: value for key, value in said.items() if value} | words


def _variant_extra(draft: VariantDraft) -> dict[str, Any]:
    said = {
        export_mapping.WEIGHT_UNIT: draft.weight_unit.value if draft.weight_unit else "",
        export_mapping.TRACKER: ""
        if draft.inventory_tracker == export_mapping.OUR_TRACKER
        else draft.inventory_tracker,
        POLICY: "" if draft.inventory_policy is InventoryPolicy.DENY else draft.inventory_policy.value,
        export_mapping.FULFILMENT: "" if draft.fulfilment_service == "manual" else draft.fulfilment_service,
        export_mapping.COLUMNS: dict(draft.extra),
    }
    return {key: value for key, value in said.items() if value}


def _keeping(content: Content, before: Content, said: Said) -> Content:
    kept: dict[str, Any] = {
        field: getattr(before, field) for column, field in _OF_THE_PRODUCT.items() if column not in said
    }
    extra = _merged(content.extra, before.extra, _EXTRA_OF_THE_PRODUCT, said)
    if columns.STATUS not in said and columns.PUBLISHED not in said:
        kept["status"] = before.status
        words = {key: value for key, value in before.extra.items() if key in {STATUS, PUBLISHED}}
        extra = {key: value for key, value in extra.items() if key not in {STATUS, PUBLISHED}} | words
    google = _unsaid(before.extra.get(export_mapping.GOOGLE, {}), said, prefix=columns.GOOGLE_PREFIX)
    if google or export_mapping.GOOGLE in extra:
        extra[export_mapping.GOOGLE] = google | extra.get(export_mapping.GOOGLE, {})
    return replace(content, product_type_id=before.product_type_id, attributes=before.attributes, extra=extra, **kept)


def _merged(
    extra: Mapping[str, Any], before: Mapping[str, Any], columns_by_key: Mapping[str, str], said: Said
) -> dict[str, Any]:
    kept = {key: before[key] for key, column in columns_by_key.items() if column not in said and key in before}
    cells = _unsaid(before.get(export_mapping.COLUMNS, {}), said) | extra.get(export_mapping.COLUMNS, {})
    return {**extra, **kept, **({export_mapping.COLUMNS: cells} if cells else {})}


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
