"""Serialising rows: plain values for orjson, and JSON of the database passed through unparsed."""

import re
from typing import Any

import orjson

from luxewin.kit.http.public_urls import current_base_url
from luxewin.modules.catalog.public.values import stock_state

_OPTIONS = orjson.OPT_UTC_Z
_STORED_PATH = re.compile(r'("(?:url|image_url|[0-9]+)" ?: ")(?=/)')
"""The beginning of a path of an image, as PostgreSQL writes JSON: `"url": "/…`, or that of a smaller size or a variant.

A quote within a text is escaped, so that no text contains this.
"""


def to_json(value: Any) -> bytes:
    """Return a value as JSON; times are in UTC with a Z."""
    return orjson.dumps(value, option=_OPTIONS)


def product_of(row: Any) -> dict[str, Any]:
    """Return a product as plain values: the price of its cheapest variant, the stock level of all variants together."""
    currency = row["currency"]
    return {
        "id": str(row["id"]),
        "slug": row["slug"],
        "name": row["name"],
        "description": row["description"],
        "status": row["status"],
        "category": _category_of(row),
        "tags": row["tags"],
        "images": orjson.Fragment(_with_absolute_urls(row["images"])),
        "price": {"amount": row["price_minor"], "currency": currency},
        "compare_at_price": _amount(row["compare_at_minor"], currency),
        "in_stock": row["in_stock"],
        "stock": row["stock"],
        "options": orjson.Fragment(row["options"]),
        "variants": orjson.Fragment(_with_absolute_urls(row["variants"])),
        "vendor": None if row["vendor_id"] is None else {"id": row["vendor_id"], "name": row["vendor_name"]},
        "rating": None,
        "product_type_id": row["product_type_id"],
        "attributes": orjson.Fragment(row["attributes"]),
        "seo": {"title": row["seo_title"] or "", "description": row["seo_description"] or ""},
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "version": row["version"],
    }


def state_of(row: Any) -> str:
    """Return the state of a product that a write with `If-Match` expects: its version, and a digest of its stock."""
    variants = orjson.loads(row["variants"])
    return f"{row['version']}-{stock_state(variant['stock'] for variant in variants)}"


def with_field(json: bytes, name: str, value: Any) -> orjson.Fragment:
    """Add a field to a non-empty object that is serialised already; the name must need no escaping in JSON."""
    return orjson.Fragment(b'%b,"%b":%b}' % (json[:-1], name.encode(), to_json(value)))


def _with_absolute_urls(json: str) -> str:
    """Return stored images, or variants with one, as JSON with absolute URLs."""
    return _STORED_PATH.sub(lambda found: found[1] + current_base_url(), json) if ': "/' in json else json


def _category_of(row: Any) -> dict[str, str] | None:
    if row["category_id"] is None:
        return None
    return {
        "id": row["category_id"],
        "slug": row["category_slug"],
        "name": row["category_name"],
        "path": row["category_path"],
    }


def _amount(minor: int | None, currency: str) -> dict[str, Any] | None:
    return None if minor is None else {"amount": minor, "currency": currency}
