"""Build variants from the bodies of requests, beside the stored variants that they are; pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from luxewin.kit.http.fields import MoneyField
from luxewin.kit.ids import new_id
from luxewin.modules.catalog.domain.fields import VARIANT_FIELDS, Field
from luxewin.modules.catalog.domain.matching import (
    WantedVariant,
    match_variants,
    must_be_distinct,
    with_known_spellings,
)
from luxewin.modules.catalog.domain.names import option_key
from luxewin.modules.catalog.domain.products import (
    NO_OPTIONS_NAME,
    NO_OPTIONS_VALUE,
    Option,
    Product,
    Variant,
    options_of,
)
from luxewin.modules.catalog.errors import CurrencyNotSold, ProductInvalid
from luxewin.modules.catalog.schemas.products import (
    ListedVariant,
    ProductBody,
    ProductFields,
    VariantFields,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedVariants:
    """The variants of a product and their options; `stock` is the requested stock by variant, None: not tracked."""

    variants: tuple[Variant, ...]
    options: tuple[Option, ...]
    ids: tuple[UUID, ...]
    stock: Mapping[UUID, int | None]


def describe_variants(body: ProductFields, before: Product | None, *, currency: str) -> DescribedVariants:
    """Return the variants that the body of a product describes.

    A variant that is recognised as a stored one keeps its id, and the fields that no body has.

    Raises:
        ProductInvalid: options and variants do not fit together, or an id is unknown.
        CurrencyNotSold: a price is in another currency than the shop's.
    """
    if body.variants is None:
        return _only_variant(body, before, currency=currency)
    declared = [Option(option.name, tuple(option.values)) for option in body.options or ()]
    names = [option.name for option in declared] or _names_in_use(body.variants, before)
    values = [_values_of(each, names, before) for each in body.variants]
    if names == [NO_OPTIONS_NAME] and values == [(NO_OPTIONS_VALUE,)]:
        # This is how product files write a product without options.
        declared, names, values = [], [], [()]
    wanted = [
        WantedVariant(id=each.id, sku=each.sku, values=own) for each, own in zip(body.variants, values, strict=True)
    ]
    ids = match_variants(wanted, names, before)
    known = [before.variant(variant_id) if before and variant_id else None for variant_id in ids]
    built = [
        _listed_variant(each, body, own, stored, before.content.cheapest if before else None, currency=currency)
        for each, own, stored in zip(body.variants, values, known, strict=True)
    ]
    spelled = with_known_spellings(built, known, names, declared)
    must_be_distinct(spelled, [variant for variant in known if variant])
    _values_must_be_declared(spelled, declared)
    final_ids = tuple(variant_id or new_id() for variant_id in ids)
    return DescribedVariants(
        variants=tuple(spelled),
        options=options_of(names, spelled, preferred=declared),
        ids=final_ids,
        stock={
            variant_id: each.stock
            for variant_id, each in zip(final_ids, body.variants, strict=True)
            if "stock" in each.model_fields_set
        },
    )


def values_from_body(
    body: VariantFields | ProductFields, fields_set: Collection[str], *, currency: str
) -> dict[str, Any]:
    """Return the variant's values of these fields of a body."""
    changes: dict[str, Any] = {}
    for field in VARIANT_FIELDS:
        if not field.is_public or field.api_name not in fields_set or _is_of_product(field, body):
            continue
        value = getattr(body, field.api_name, field.default)
        if value is None and field.is_required:
            continue
        changes[field.name] = minor_of(value, currency) if isinstance(value, MoneyField) else value
    return changes


def option_values(options: Mapping[str, str], names: Sequence[str]) -> tuple[str, ...]:
    """Return the values of the options in the order of their names, whose spelling does not count.

    Raises:
        ProductInvalid: a value is missing, or there is one of another option.
    """
    by_key = {option_key(name): value for name, value in options.items()}
    keys = [option_key(name) for name in names]
    if by_key.keys() != set(keys):
        expected = ", ".join(names) if names else "none, as the product has no options"
        raise ProductInvalid(f"Each variant needs a value for exactly these options: {expected}", pointer="/variants")
    return tuple(by_key[key] for key in keys)


def minor_of(price: MoneyField, currency: str) -> int:
    """Return the minor units of a price.

    Raises:
        CurrencyNotSold: it is in another currency than the shop's.
    """
    if price.currency != currency:
        raise CurrencyNotSold(f"This shop sells in {currency}, not in {price.currency}", currency=currency)
    return price.amount


def _names_in_use(bodies: Sequence[ListedVariant], before: Product | None) -> list[str]:
    if before is not None and all("options" not in body.model_fields_set for body in bodies):
        return [option.name for option in before.content.options]
    return next((list(body.options) for body in bodies if body.options), [])


def _values_of(body: ListedVariant, names: Sequence[str], before: Product | None) -> tuple[str, ...]:
    """Return the option values of a variant; one that is named and has none in the body keeps its own."""
    if before is not None and "options" not in body.model_fields_set:
        stored = next(
            (
                variant
                for variant_id, variant in zip(before.variant_ids, before.content.variants, strict=True)
                if variant_id == body.id or (body.id is None and body.sku is not None and variant.sku == body.sku)
            ),
            None,
        )
        if stored is not None:
            own = dict(zip((option.name for option in before.content.options), stored.values, strict=True))
            return option_values(own, names)
    return option_values(body.options, names)


def _only_variant(body: ProductFields, before: Product | None, *, currency: str) -> DescribedVariants:
    """Return the only variant of a product; fields that the body leaves out stay unchanged."""
    if before is not None and len(before.variant_ids) == 1:
        variant_id: UUID | None = before.variant_ids[0]
    else:
        [variant_id] = match_variants([WantedVariant(sku=body.sku)], [], before)
    stored = before.variant(variant_id) if before and variant_id else None
    if body.price is None:
        raise ProductInvalid("`price` is missing: give the price of the product's only variant", pointer="/price")
    blank = stored or Variant(price_minor=minor_of(body.price, currency))
    variant = replace(blank, values=(), **values_from_body(body, body.model_fields_set, currency=currency))
    own_id = variant_id or new_id()
    stock = {own_id: body.stock} if "stock" in body.model_fields_set else {}
    return DescribedVariants(variants=(variant,), options=(), ids=(own_id,), stock=stock)


def _listed_variant(
    body: ListedVariant,
    product: ProductFields,
    values: tuple[str, ...],
    stored: Variant | None,
    shown: Variant | None,
    *,
    currency: str,
) -> Variant:
    """Return a complete variant; price and comparison price of the product are its defaults.

    `shown` is the cheapest stored variant, whose prices the product shows. A body that gives the product these prices
    gives back what was read: then stored variants keep theirs. A new variant without any price has the price shown.
    """
    price_minor = _price_minor(body, product, stored, shown, currency=currency)
    fields_set = body.model_fields_set
    # A complete product describes complete variants; a partial change keeps what it leaves out.
    taken = type(body).model_fields.keys() if isinstance(product, ProductBody) or stored is None else fields_set
    changes = values_from_body(body, taken, currency=currency)
    if "compare_at_price" not in fields_set and product.compare_at_price is not None:
        default = minor_of(product.compare_at_price, currency)
        is_as_shown = stored is not None and shown is not None and default == shown.compare_at_minor
        changes["compare_at_minor"] = stored.compare_at_minor if stored and is_as_shown else default
    blank = stored or Variant(price_minor=price_minor)
    return replace(blank, **{**changes, "values": values, "price_minor": price_minor})


def _price_minor(
    body: ListedVariant, product: ProductFields, stored: Variant | None, shown: Variant | None, *, currency: str
) -> int:
    if body.price is not None:
        return minor_of(body.price, currency)
    default = None if product.price is None else minor_of(product.price, currency)
    if stored is not None and shown is not None and default in {None, shown.price_minor}:
        return stored.price_minor
    if default is not None:
        return default
    assert shown is not None, "the body of a new product has a price for each variant"
    return shown.price_minor


def _values_must_be_declared(variants: Iterable[Variant], declared: Sequence[Option]) -> None:
    for position, option in enumerate(declared):
        known = set(map(option_key, option.values))
        for variant in variants:
            if option_key(variant.values[position]) not in known:
                raise ProductInvalid(
                    f"{variant.values[position][:80]!r} is not among the values of the option {option.name!r}",
                    pointer="/variants",
                )


def _is_of_product(field: Field, body: VariantFields | ProductFields) -> bool:
    # In the body of a product, `image_url` is short for one of its images.
    return field.name == "image_url" and isinstance(body, ProductFields)
