"""What a change of a product amounts to for people: field by field, what it said and what it says now."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from luxewin.modules.catalog.public.values import Change, Content, Variant
from luxewin.modules.catalog_import.domain.imports import FieldChange

MOST_FIELDS_TOLD = 200
LONGEST_TEXT_TOLD = 500
_AMOUNTS = {"price": "price_minor", "compare_at_price": "compare_at_minor", "cost": "cost_minor"}
_PLAIN = ("sku", "barcode", "weight_grams", "requires_shipping", "taxable", "tax_code", "image_url")

Stock = Mapping[UUID, tuple[int | None, int]]
"""By variant: how many pieces can be sold, and how many after the change."""


def differences(change: Change, stock: Stock, *, currency: str) -> tuple[FieldChange, ...]:
    """Return the fields in which a product differs from what it was; of a new product, those that say anything."""
    before = change.before
    was: dict[str, Any] = {}
    if before is not None:
        category, vendor = before.category, before.vendor
        was = _told(before.content, currency=currency)
        was |= {"category": category.path if category else None, "vendor": vendor.name if vendor else None}
    now = _told(change.content, currency=currency)
    now |= {"category": change.category_path, "vendor": change.vendor_name}
    for variant_id, variant in zip(change.variant_ids, change.content.variants, strict=True):
        if variant_id in stock:
            was[f"{_place(variant)}.stock"], now[f"{_place(variant)}.stock"] = stock[variant_id]
    names = dict.fromkeys([*was, *now])
    differing = [
        FieldChange(field=name, before=_short(was.get(name)), after=_short(now.get(name)))
        for name in names
        if was.get(name) != now.get(name) and (was.get(name), now.get(name)) not in _NOTHING
    ]
    return tuple(differing[:MOST_FIELDS_TOLD])


_NOTHING: tuple[tuple[Any, Any], ...] = ((None, ""), (None, []), (None, {}))
"""A new field that says nothing is no difference."""


def _told(content: Content, *, currency: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": content.name,
        "description": content.description,
        "status": content.status.value,
        "tags": list(content.tags),
        "images": [{"url": image.url, "alt": image.alt} for image in content.images],
        "options": [{"name": option.name, "values": list(option.values)} for option in content.options],
    }
    told |= {f"extra.{key}": value for key, value in content.extra.items()}
    for place, variant in enumerate(content.variants):
        told |= {f"{_place(variant)}.{name}": value for name, value in _of_variant(variant, currency).items()}
        told[f"{_place(variant)}.position"] = place if len(content.variants) > 1 else None
    return told


def _of_variant(variant: Variant, currency: str) -> dict[str, Any]:
    amounts = {name: getattr(variant, source) for name, source in _AMOUNTS.items()}
    return {
        **{name: None if minor is None else {"amount": minor, "currency": currency} for name, minor in amounts.items()},
        **{name: getattr(variant, name) for name in _PLAIN},
        **{f"extra.{key}": value for key, value in variant.extra.items()},
    }


def _place(variant: Variant) -> str:
    """Return how people name a variant: by its options; the only one of a product has none."""
    return f"variant[{' / '.join(variant.values)}]" if variant.values else "variant"


def _short(value: Any) -> Any:
    return value[:LONGEST_TEXT_TOLD] if isinstance(value, str) else value
