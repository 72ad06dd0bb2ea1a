"""The differences between a product and its new content, field by field, for display."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from luxewin.modules.catalog.public.values import (
    PRODUCT_FIELDS,
    VARIANT_FIELDS,
    Change,
    Content,
    Field,
    Kind,
    Variant,
)
from luxewin.modules.catalog_import.domain.imports import FieldChange, StockEffect

MOST_FIELDS_LISTED = 200
LONGEST_TEXT_LISTED = 500


@dataclass(frozen=True, slots=True)
class StockChange:
    """The stock of a variant before and after the change, None if it is not tracked or there is no variant."""

    before: int | None
    after: int | None
    effect: StockEffect


def list_differences(change: Change, stock: Mapping[UUID, StockChange], *, currency: str) -> tuple[FieldChange, ...]:
    """Return the fields of a product that change, and what happens to the stock of its variants.

    For a new product these are the fields that are not empty. A variant is named by its new options, also where they
    change; one that is removed, by its old ones.
    """
    before = change.before
    old: dict[str, Any] = {}
    paths = {id_: _path(each) for id_, each in zip(change.variant_ids, change.content.variants, strict=True)}
    if before is not None:
        category, vendor = before.category, before.vendor
        own = [
            paths.setdefault(variant_id, _path(variant))
            for variant_id, variant in zip(before.variant_ids, before.content.variants, strict=True)
        ]
        old = _flatten(before.content, own, currency)
        old |= {"category": category.path if category else None, "vendor": vendor.name if vendor else None}
    new = _flatten(change.content, [paths[variant_id] for variant_id in change.variant_ids], currency)
    new |= {"category": change.category_path, "vendor": change.vendor_name}
    names = dict.fromkeys([*old, *new])
    differing = [
        FieldChange(field=name, before=_truncate(old.get(name)), after=_truncate(new.get(name)))
        for name in names
        if old.get(name) != new.get(name) and (old.get(name), new.get(name)) not in _BOTH_EMPTY
    ]
    counted = [
        FieldChange(field=f"{paths[variant_id]}.stock", before=each.before, after=each.after, effect=each.effect)
        for variant_id, each in stock.items()
    ]
    return tuple([*differing, *counted][:MOST_FIELDS_LISTED])


_BOTH_EMPTY: tuple[tuple[Any, Any], ...] = ((None, ""), (None, []), (None, {}))
"""The values of fields that are empty both before and after the change, which is no difference."""


def _flatten(content: Content, paths: Sequence[str], currency: str) -> dict[str, Any]:
    """Return the values of a product's fields, and of its variants' fields, by their paths."""
    values: dict[str, Any] = {
        **_field_values(content, PRODUCT_FIELDS, currency),
        "status": content.status.value,
        "images": [{"url": image.url, "alt": image.alt} for image in content.images],
        "options": [{"name": option.name, "values": list(option.values)} for option in content.options],
    }
    values |= {f"extra.{key}": value for key, value in content.extra.items()}
    for position, (variant, path) in enumerate(zip(content.variants, paths, strict=True)):
        if variant.values:
            values[f"{path}.options"] = list(variant.values)
        values |= {f"{path}.{name}": v for name, v in _field_values(variant, VARIANT_FIELDS, currency).items()}
        values |= {f"{path}.extra.{key}": value for key, value in variant.extra.items()}
        values[f"{path}.position"] = position if len(content.variants) > 1 else None
    return values


def _field_values(source: Content | Variant, fields: Sequence[Field], currency: str) -> dict[str, Any]:
    return {field.api_name: _to_json(field, getattr(source, field.name), currency) for field in fields}


def _to_json(field: Field, value: Any, currency: str) -> Any:
    if field.kind is Kind.AMOUNT:
        return None if value is None else {"amount": value, "currency": currency}
    return list(value) if field.kind is Kind.LABELS else value


def _path(variant: Variant) -> str:
    """Return the path of a variant: with its option values in brackets, if the product has options."""
    return f"variant[{' / '.join(variant.values)}]" if variant.values else "variant"


def _truncate(value: Any) -> Any:
    return value[:LONGEST_TEXT_LISTED] if isinstance(value, str) else value
