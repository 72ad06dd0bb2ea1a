"""From a product to what a product file says of it; `drafts` is the way back, and there and back changes nothing.

What a file says beyond what the catalogue knows is kept in `extra`, under the keys named here.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from luxewin.modules.catalog.domain.names import slug_of_handle
from luxewin.modules.catalog.domain.products import Content, Image, Product, ProductStatus, Variant
from luxewin.modules.catalog.domain.shopify_csv import (
    ImageDraft,
    InventoryPolicy,
    ProductDraft,
    Status,
    VariantDraft,
    WeightUnit,
)
from luxewin.modules.catalog.domain.shopify_csv.columns import known_name, speaks_of_the_product

HANDLE, STATUS, PUBLISHED, GIFT_CARD = "handle", "status", "published", "gift_card"
SEO_TITLE, SEO_DESCRIPTION, GOOGLE = "seo_title", "seo_description", "google"
COLUMNS, IMAGE_COLUMNS = "columns", "image_columns"
TRACKER, POLICY, WEIGHT_UNIT, FULFILMENT = "tracker", "policy", "weight_unit", "fulfilment_service"

OUR_TRACKER = "shopify"
"""How a product file says that the shop itself counts the stock."""

BACKORDER_LIMIT = 1_000_000
"""How many pieces a shop may owe that goes on selling what is out of stock."""

USUAL_WORDS = {
    ProductStatus.ACTIVE: (Status.ACTIVE, True),
    ProductStatus.DRAFT: (Status.DRAFT, False),
    ProductStatus.ARCHIVED: (Status.ARCHIVED, False),
}
"""A file's status and "published" for each of ours, unless a file has said it otherwise."""


def status_of(status: Status, *, published: bool) -> ProductStatus:
    """Return our status for a file's two words: what is not published, or not listed, is no more than a draft here."""
    if status is Status.ARCHIVED:
        return ProductStatus.ARCHIVED
    return ProductStatus.ACTIVE if status is Status.ACTIVE and published else ProductStatus.DRAFT


def draft_of(product: Product, stock: Mapping[UUID, int | None]) -> ProductDraft:
    """Return what a file says of a product; `stock` is what can be sold of each variant, None where nobody counts."""
    content = product.content
    status, published = _words(content)
    return ProductDraft(
        handle=handle_of(content),
        title=content.name,
        body_html=content.description,
        vendor=product.vendor.name if product.vendor else "",
        type=product.category.path if product.category else "",
        tags=content.tags,
        published=published,
        status=status,
        gift_card=content.extra.get(GIFT_CARD, False),
        options=tuple(option.name for option in content.options),
        variants=tuple(
            _variant_draft(variant, available=stock.get(variant_id), is_first=place == 0)
            for place, (variant_id, variant) in enumerate(zip(product.variant_ids, content.variants, strict=True))
        ),
        images=tuple(
            _image_draft(image, position, content.extra.get(IMAGE_COLUMNS, {}))
            for position, image in enumerate(content.images, start=1)
        ),
        seo_title=content.extra.get(SEO_TITLE, ""),
        seo_description=content.extra.get(SEO_DESCRIPTION, ""),
        google=content.extra.get(GOOGLE, {}),
        extra=content.extra.get(COLUMNS, {}),
    )


def on_sale(variant: Variant, quantity: int) -> int:
    """Return what can be sold when a file counts this quantity: owed pieces are none, and some may be owed."""
    return max(0, quantity) + (BACKORDER_LIMIT if variant.extra.get(POLICY) else 0)


def without_stale_words(content: Content) -> Mapping[str, Any]:
    """Return what a file said beyond the content, less the words that its status and slug contradict by now."""
    extra = dict(content.extra)
    if _words(content) != (extra.get(STATUS), extra.get(PUBLISHED)):
        extra.pop(STATUS, None)
        extra.pop(PUBLISHED, None)
    if HANDLE in extra and slug_of_handle(extra[HANDLE]) != content.slug:
        del extra[HANDLE]
    return extra


def handle_of(content: Content) -> str:
    """Return what a file calls the product: its slug, or the handle that its slug was made of."""
    handle: str = content.extra.get(HANDLE, content.slug)
    return handle if slug_of_handle(handle) == content.slug else content.slug


def _words(content: Content) -> tuple[Status, bool]:
    if STATUS in content.extra:
        status, published = Status(content.extra[STATUS]), bool(content.extra[PUBLISHED])
        if status_of(status, published=published) is content.status:
            return status, published
    return USUAL_WORDS[content.status]


def _variant_draft(variant: Variant, *, available: int | None, is_first: bool) -> VariantDraft:
    extra = variant.extra
    cells: Mapping[str, str] = extra.get(COLUMNS, {})
    if is_first:
        # On the first row such cells would speak of the product; they can only be left of a variant that came later.
        cells = {name: cell for name, cell in cells.items() if not (speaks_of_the_product(name) or known_name(name))}
    continues = bool(extra.get(POLICY))
    return VariantDraft(
        options=variant.values,
        price_minor=variant.price_minor,
        compare_at_minor=variant.compare_at_minor,
        cost_minor=variant.cost_minor,
        sku=variant.sku,
        barcode=variant.barcode,
        grams=variant.weight_grams,
        weight_unit=WeightUnit(extra[WEIGHT_UNIT]) if WEIGHT_UNIT in extra else None,
        inventory_tracker="" if available is None else extra.get(TRACKER, OUR_TRACKER),
        quantity=None if available is None else available - BACKORDER_LIMIT * continues,
        inventory_policy=InventoryPolicy.CONTINUE if continues else InventoryPolicy.DENY,
        fulfilment_service=extra.get(FULFILMENT, "manual"),
        requires_shipping=variant.requires_shipping,
        taxable=variant.taxable,
        tax_code=variant.tax_code,
        image=variant.image_url or "",
        extra=cells,
    )


def _image_draft(image: Image, position: int, cells: Mapping[str, Mapping[str, str]]) -> ImageDraft:
    return ImageDraft(src=image.url, position=position, alt=image.alt, extra=cells.get(image.url, {}))
