"""Writing a product as a line of JSON; reading it again returns the same product."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from luxewin.modules.catalog.public.values import PRODUCT_FIELDS, VARIANT_FIELDS, Field, Kind
from luxewin.modules.catalog_import.domain.shopify_csv import ImageDraft, ProductDraft, VariantDraft


def line_of(product: ProductDraft, *, currency: str) -> bytes:
    """Return the product's line, including its line end."""
    line = {
        "handle": product.handle,
        **_fields(product, PRODUCT_FIELDS, currency),
        "vendor": product.vendor,
        "category": product.type,
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
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)


def _variant(variant: VariantDraft, currency: str) -> Mapping[str, Any]:
    return {
        "options": variant.options,
        **_fields(variant, VARIANT_FIELDS, currency),
        "weight_unit": variant.weight_unit,
        "inventory_tracker": variant.inventory_tracker,
        "quantity": variant.quantity,
        "inventory_policy": variant.inventory_policy,
        "fulfilment_service": variant.fulfilment_service,
        "columns": variant.extra,
    }


def _fields(draft: ProductDraft | VariantDraft, fields: Sequence[Field], currency: str) -> Mapping[str, Any]:
    values = ((field, getattr(draft, field.name)) for field in fields)
    return {
        field.jsonl_name: _money(value, currency) if field.kind is Kind.AMOUNT else value for field, value in values
    }


def _image(image: ImageDraft) -> Mapping[str, Any]:
    return {"src": image.src, "position": image.position, "alt": image.alt, "columns": image.extra}


def _money(minor: int | None, currency: str) -> Mapping[str, Any] | None:
    return None if minor is None else {"amount": minor, "currency": currency}
