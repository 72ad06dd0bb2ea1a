"""Mapping products to their description in a product file; `import_mapping` is the inverse.

Values of a file for which the catalogue has no field are stored in `extra`, under the keys defined here.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from luxewin.modules.catalog.public.values import (
    HANDLE,
    PRODUCT_FIELDS,
    PUBLISHED,
    SEO_DESCRIPTION,
    SEO_TITLE,
    STATUS,
    VARIANT_FIELDS,
    Content,
    Field,
    Image,
    Product,
    ProductStatus,
    Variant,
    continues_selling,
    slugs_of_handle,
)
from luxewin.modules.catalog_import.domain.shopify_csv import (
    ImageDraft,
    InventoryPolicy,
    ProductDraft,
    Status,
    VariantDraft,
    WeightUnit,
)
from luxewin.modules.catalog_import.domain.shopify_csv.columns import describes_the_product, known_name

GIFT_CARD, GOOGLE = "gift_card", "google"
COLUMNS, IMAGE_COLUMNS = "columns", "image_columns"
TRACKER, WEIGHT_UNIT, FULFILMENT = "tracker", "weight_unit", "fulfilment_service"

SHOP_TRACKER = "shopify"
"""The inventory tracker of a product file that represents the shop itself."""

DEFAULT_STATUS = {
    ProductStatus.ACTIVE: (Status.ACTIVE, True),
    ProductStatus.DRAFT: (Status.DRAFT, False),
    ProductStatus.ARCHIVED: (Status.ARCHIVED, False),
}
"""Status and "published" in a product file for each status of the catalogue, unless `extra` has other values."""

_FIELD_COLUMNS = {field.column for field in (*PRODUCT_FIELDS, *VARIANT_FIELDS)}


def status_of(status: Status, *, published: bool) -> ProductStatus:
    """Return the status in the catalogue; a product that is not published, or not listed, is a draft."""
    if status is Status.ARCHIVED:
        return ProductStatus.ARCHIVED
    return ProductStatus.ACTIVE if status is Status.ACTIVE and published else ProductStatus.DRAFT


def draft_of(product: Product, stock: Mapping[UUID, int | None]) -> ProductDraft:
    """Return the description of a product in a file; `stock` is by variant, None if it is not tracked."""
    content = product.content
    status, published = _file_status(content)
    values, cells = _with_former_cells(content, PRODUCT_FIELDS, content.extra.get(COLUMNS, {}))
    return ProductDraft(
        handle=handle_of(content),
        vendor=product.vendor.name if product.vendor else "",
        type=product.category.path if product.category else "",
        published=published,
        status=status,
        gift_card=content.extra.get(GIFT_CARD, False),
        options=tuple(option.name for option in content.options),
        variants=tuple(
            _variant_draft(variant, stock=stock.get(variant_id), is_first=position == 0)
            for position, (variant_id, variant) in enumerate(zip(product.variant_ids, content.variants, strict=True))
        ),
        images=tuple(
            _image_draft(image, position, content.extra.get(IMAGE_COLUMNS, {}))
            for position, image in enumerate(content.images, start=1)
        ),
        seo_title=content.extra.get(SEO_TITLE, ""),
        seo_description=content.extra.get(SEO_DESCRIPTION, ""),
        google=content.extra.get(GOOGLE, {}),
        extra=cells,
        **values,
    )


def handle_of(content: Content) -> str:
    """Return the handle of a product in a file: its slug, or the handle that its slug was made of."""
    handle: str = content.extra.get(HANDLE, content.slug)
    return handle if content.slug in slugs_of_handle(handle) else content.slug


def _file_status(content: Content) -> tuple[Status, bool]:
    if STATUS in content.extra:
        status, published = Status(content.extra[STATUS]), bool(content.extra[PUBLISHED])
        if status_of(status, published=published) is content.status:
            return status, published
    return DEFAULT_STATUS[content.status]


def _variant_draft(variant: Variant, *, stock: int | None, is_first: bool) -> VariantDraft:
    extra = variant.extra
    values, cells = _with_former_cells(variant, VARIANT_FIELDS, extra.get(COLUMNS, {}))
    if is_first:
        # In the first row such cells would describe the product: this variant was not the first one when it was
        # imported.
        cells = {name: cell for name, cell in cells.items() if not (describes_the_product(name) or known_name(name))}
    continues = continues_selling(variant)
    return VariantDraft(
        options=variant.values,
        weight_unit=WeightUnit(extra[WEIGHT_UNIT]) if WEIGHT_UNIT in extra else None,
        inventory_tracker="" if stock is None else extra.get(TRACKER, SHOP_TRACKER),
        quantity=stock,
        inventory_policy=InventoryPolicy.CONTINUE if continues else InventoryPolicy.DENY,
        fulfilment_service=extra.get(FULFILMENT, "manual"),
        extra=cells,
        **values,
    )


def _image_draft(image: Image, position: int, cells: Mapping[str, Mapping[str, str]]) -> ImageDraft:
    own = {name: cell for name, cell in cells.get(image.url, {}).items() if known_name(name) not in _FIELD_COLUMNS}
    return ImageDraft(src=image.url, position=position, alt=image.alt, extra=own)


def _with_former_cells(
    source: Content | Variant, fields: Sequence[Field], cells: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the values of the fields, and the unknown cells.

    A cell that was imported before its column became a field is used as the value of the field while the field is
    empty.
    """
    values = {field.name: getattr(source, field.name) for field in fields}
    by_column = {field.column: field for field in fields}
    for name, cell in cells.items():
        field = by_column.get(known_name(name) or "")
        if field is not None and values[field.name] is None and field.is_valid(cell.strip()):
            values[field.name] = cell.strip()
    return values, {name: cell for name, cell in cells.items() if known_name(name) not in _FIELD_COLUMNS}
