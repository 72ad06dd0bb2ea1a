"""Products as a product file describes them; `import_mapping` is the inverse.

What a file says and the catalogue has no field for is stored in `extra`, under the keys named here.
"""

from collections.abc import Mapping
from uuid import UUID

from luxewin.modules.catalog.public.values import (
    BACKORDER_LIMIT,
    HANDLE,
    PUBLISHED,
    STATUS,
    Content,
    Image,
    Product,
    ProductStatus,
    Variant,
    continues_selling,
    slug_of_handle,
)
from luxewin.modules.catalog_import.domain.shopify_csv import (
    ImageDraft,
    InventoryPolicy,
    ProductDraft,
    Status,
    VariantDraft,
    WeightUnit,
)
from luxewin.modules.catalog_import.domain.shopify_csv.columns import known_name, speaks_of_the_product

GIFT_CARD, SEO_TITLE, SEO_DESCRIPTION, GOOGLE = "gift_card", "seo_title", "seo_description", "google"
COLUMNS, IMAGE_COLUMNS = "columns", "image_columns"
TRACKER, WEIGHT_UNIT, FULFILMENT = "tracker", "weight_unit", "fulfilment_service"

OUR_TRACKER = "shopify"
"""How a product file says that the shop itself counts the stock."""

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
    continues = continues_selling(variant)
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
