"""Writing a product as a line of JSON, such that reading it again gives the same product."""

from collections.abc import Mapping
from typing import Any

import orjson

from luxewin.modules.catalog_import.domain.shopify_csv import ImageDraft, ProductDraft, VariantDraft


def line_of(product: ProductDraft, *, currency: str) -> bytes:
    """Return the product's line, its end included."""
    said = {
        "handle": product.handle,
        "title": product.title,
        "description": product.body_html,
        "vendor": product.vendor,
        "category": product.type,
        "tags": product.tags,
        "status": product.status,
        "published": product.published,
        "gift_card": product.gift_card,
        "seo_title": product.seo_title,
        "seo_description": product.seo_description,
        "google": product.google,
        "columns": product.extra,
        "options": product.options,
        "variants": [_variant(variant, currency) for variant in product.variants],
        "images": [_image(image) for image in product.images],
    }
    return orjson.dumps(said, option=orjson.OPT_APPEND_NEWLINE)


def _variant(variant: VariantDraft, currency: str) -> Mapping[str, Any]:
    return {
        "options": variant.options,
        "sku": variant.sku,
        "barcode": variant.barcode,
        "price": _money(variant.price_minor, currency),
        "compare_at_price": _money(variant.compare_at_minor, currency),
        "cost": _money(variant.cost_minor, currency),
        "weight_grams": variant.grams,
        "weight_unit": variant.weight_unit,
        "inventory_tracker": variant.inventory_tracker,
        "quantity": variant.quantity,
        "inventory_policy": variant.inventory_policy,
        "fulfilment_service": variant.fulfilment_service,
        "requires_shipping": variant.requires_shipping,
        "taxable": variant.taxable,
        "tax_code": variant.tax_code,
        "image": variant.image,
        "columns": variant.extra,
    }


def _image(image: ImageDraft) -> Mapping[str, Any]:
    return {"src": image.src, "position": image.position, "alt": image.alt, "columns": image.extra}


def _money(minor: int | None, currency: str) -> Mapping[str, Any] | None:
    return None if minor is None else {"amount": minor, "currency": currency}
