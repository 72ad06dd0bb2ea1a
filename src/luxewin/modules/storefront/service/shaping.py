"""From rows to what goes out: plain values that orjson writes, and JSON of the database passed on as it is."""

from typing import Any

import orjson

WRITING = orjson.OPT_UTC_Z


def written(value: Any) -> bytes:
    """Return an answer as JSON; times are in UTC with a Z."""
    return orjson.dumps(value, option=WRITING)


def product_of(row: Any) -> dict[str, Any]:
    """Shape a product; the price is that of its cheapest variant, the stock that of all its variants together."""
    currency = row["currency"]
    return {
        "id": str(row["id"]),
        "slug": row["slug"],
        "name": row["name"],
        "description": row["description"],
        "status": row["status"],
        "category": _category_of(row),
        "tags": row["tags"],
        "images": orjson.Fragment(row["images"]),
        "price": {"amount": row["price_minor"], "currency": currency},
        "compare_at_price": _amount(row["compare_at_minor"], currency),
        "in_stock": row["in_stock"],
        "stock": row["stock"],
        "options": orjson.Fragment(row["options"]),
        "variants": orjson.Fragment(row["variants"]),
        "vendor": None if row["vendor_id"] is None else {"id": row["vendor_id"], "name": row["vendor_name"]},
        "rating": None,
        "attributes": orjson.Fragment(row["attributes"]),
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "version": row["version"],
    }


def with_field(json: bytes, name: str, value: Any) -> orjson.Fragment:
    """Add a field to an object that is written already and is not empty; the name stands for itself in JSON."""
    return orjson.Fragment(b'%b,"%b":%b}' % (json[:-1], name.encode(), written(value)))


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
