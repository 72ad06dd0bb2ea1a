"""Build the content of a product from the body of a request, for complete products and for changes; pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from luxewin.kit.http.fields import MoneyField
from luxewin.modules.catalog.domain.attributes import AttributeValue
from luxewin.modules.catalog.domain.descriptions import sanitise
from luxewin.modules.catalog.domain.extra import extra_after_edit
from luxewin.modules.catalog.domain.fields import VARIANT_FIELDS, Field
from luxewin.modules.catalog.domain.products import (
    NO_OPTIONS_NAME,
    NO_OPTIONS_VALUE,
    Content,
    Image,
    Option,
    Variant,
    options_of,
)
from luxewin.modules.catalog.errors import CurrencyNotSold, ProductInvalid, VariantAmbiguous, VariantExists
from luxewin.modules.catalog.schemas.products import (
    ProductBody,
    ProductFields,
    ProductPatch,
    VariantBody,
    VariantFields,
    VariantPatch,
)

_ONE_VARIANT_FIELDS = frozenset({"price", "compare_at_price", "stock", "sku", "weight_grams"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedFields:
    """The fields of a product that need a query: its slug, category, vendor, type and attributes."""

    slug: str
    category_id: UUID | None
    vendor_id: UUID | None
    product_type_id: UUID | None
    attributes: Mapping[str, AttributeValue]


@dataclass(frozen=True, slots=True)
class DescribedContent:
    """A content, and the requested stock of its variants, by the variant's key (None: not tracked)."""

    content: Content
    stock: Mapping[str, int | None]


def from_body(
    body: ProductBody, resolved: ResolvedFields, *, before: Content | None, currency: str
) -> DescribedContent:
    """Return the content that a body describes; fields of an existing product that no body has stay unchanged.

    Raises:
        ProductInvalid: options and variants do not fit together.
        CurrencyNotSold: a price is in another currency than the shop's.
    """
    variants, options, stock = _variants(body, before, currency=currency)
    content = Content(
        slug=resolved.slug,
        name=body.name,
        description=sanitise(body.description),
        status=body.status if before is None or "status" in body.model_fields_set else before.status,
        category_id=resolved.category_id,
        vendor_id=resolved.vendor_id,
        product_type_id=resolved.product_type_id,
        attributes=resolved.attributes,
        tags=_tags(body),
        images=_images(body, before.images if before else ()),
        options=options,
        variants=variants,
        extra=before.extra if before else {},
    )
    return DescribedContent(replace(content, extra=extra_after_edit(before, content)), stock)


def from_patch(patch: ProductPatch, resolved: ResolvedFields, *, before: Content, currency: str) -> DescribedContent:
    """Return the content with the changes of a patch; everything else stays unchanged.

    Raises:
        VariantAmbiguous: the patch has a price, stock or SKU, but the product has several variants.
        ProductInvalid, CurrencyNotSold: see `from_body`.
    """
    fields_set = patch.model_fields_set
    changes: dict[str, Any] = {
        "slug": resolved.slug,
        "category_id": resolved.category_id,
        "vendor_id": resolved.vendor_id,
        "product_type_id": resolved.product_type_id,
        "attributes": resolved.attributes,
    }
    changes |= {name: getattr(patch, name) for name in ("name", "status") if name in fields_set}
    if "description" in fields_set:
        changes["description"] = sanitise(patch.description)
    if "tags" in fields_set:
        changes["tags"] = _tags(patch)
    if fields_set & {"images", "image_url"}:
        changes["images"] = _images(patch, before.images)
    stock: Mapping[str, int | None] = {}
    if patch.variants is not None:
        changes["variants"], changes["options"], stock = _variants(patch, before, currency=currency)
    elif fields_set & _ONE_VARIANT_FIELDS:
        changes["variants"], stock = _only_variant(patch, before, currency=currency)
    content = replace(before, **changes)
    return DescribedContent(replace(content, extra=extra_after_edit(before, content)), stock)


def with_variant(body: VariantBody, *, before: Content, currency: str) -> DescribedContent:
    """Return the content with an additional variant; without a price of its own it has the price of the cheapest one.

    Raises:
        ProductInvalid: its options are not those of the product.
        VariantExists: another variant has the same options.
        CurrencyNotSold: a price is in another currency than the shop's.
    """
    default = MoneyField(amount=before.cheapest.price_minor, currency=currency)
    values = _values(body.options, [option.name for option in before.options])
    variant = _variant(body, values, {}, default_price=default, currency=currency)
    return DescribedContent(_with_variants(before, [*before.variants, variant]), _stock([variant], [body]))


def with_replaced_variant(body: VariantBody, index: int, *, before: Content, currency: str) -> DescribedContent:
    """Return the content with the variant at this index replaced; without a price it keeps its price.

    Raises: as `with_variant`.
    """
    known = before.variants[index]
    values = _values(body.options, [option.name for option in before.options])
    default = MoneyField(amount=known.price_minor, currency=currency)
    variant = _variant(body, values, {}, default_price=default, currency=currency)
    hidden = {field.name: getattr(known, field.name) for field in VARIANT_FIELDS if not field.is_accepted}
    variant = replace(variant, extra=known.extra, **hidden)
    return DescribedContent(_with_variant_at(index, variant, before), _stock([variant], [body]))


def with_changed_variant(patch: VariantPatch, index: int, *, before: Content, currency: str) -> DescribedContent:
    """Return the content with the changes of a patch to the variant at this index.

    Raises: as `with_variant`.
    """
    known = before.variants[index]
    names = [option.name for option in before.options]
    values = known.values if patch.options is None else _values(patch.options, names)
    variant = replace(known, values=values, **_values_from_body(patch, patch.model_fields_set, currency=currency))
    return DescribedContent(_with_variant_at(index, variant, before), _stock([variant], [patch]))


def without_variant(index: int, *, before: Content) -> Content:
    """Return the content without the variant at this index."""
    return _with_variants(before, [*before.variants[:index], *before.variants[index + 1 :]])


def _with_variant_at(index: int, variant: Variant, before: Content) -> Content:
    return _with_variants(before, [*before.variants[:index], variant, *before.variants[index + 1 :]])


def _with_variants(before: Content, variants: Sequence[Variant]) -> Content:
    if len({variant.key for variant in variants}) < len(variants):
        raise VariantExists
    names = [option.name for option in before.options]
    return replace(before, variants=tuple(variants), options=options_of(names, variants, preferred=before.options))


def _variants(
    body: ProductFields, before: Content | None, *, currency: str
) -> tuple[tuple[Variant, ...], tuple[Option, ...], Mapping[str, int | None]]:
    known = {variant.key: variant for variant in before.variants} if before else {}
    if body.variants is None:
        only = _variant(body, (), known, default_price=None, currency=currency)
        return (only,), (), _stock([only], [body])
    declared = [Option(option.name, tuple(option.values)) for option in body.options or ()]
    names = [option.name for option in declared] or list(body.variants[0].options)
    built = [
        _variant(each, _values(each.options, names), known, default_price=body.price, currency=currency)
        for each in body.variants
    ]
    if names == [NO_OPTIONS_NAME] and [variant.values for variant in built] == [(NO_OPTIONS_VALUE,)]:
        # This is how product files write a product without options.
        only = replace(built[0], values=())
        return (only,), (), _stock([only], body.variants)
    options = options_of(names, built, preferred=declared)
    pairs = zip(options, declared, strict=True) if declared else ()
    if any(set(occurring.values) - set(named.values) for occurring, named in pairs):
        raise ProductInvalid("A variant has a value that is not among the values of its option", pointer="/variants")
    return tuple(built), options, _stock(built, body.variants)


def _variant(
    body: VariantFields | ProductFields,
    values: tuple[str, ...],
    known: Mapping[str, Variant],
    *,
    default_price: MoneyField | None,
    currency: str,
) -> Variant:
    """Return a complete variant; fields of an existing variant that no body has stay unchanged."""
    price = body.price or default_price
    if price is None:
        raise ProductInvalid("A variant has no price, and the product has no default price", pointer="/variants")
    blank = Variant(values=values, price_minor=_minor(price, currency))
    before = known.get(blank.key, blank)
    return replace(
        before,
        **_values_from_body(body, type(body).model_fields.keys() - {"price"}, currency=currency),
        price_minor=blank.price_minor,
    )


def _only_variant(
    patch: ProductPatch, before: Content, *, currency: str
) -> tuple[tuple[Variant, ...], Mapping[str, int | None]]:
    if len(before.variants) > 1:
        raise VariantAmbiguous
    variant = replace(before.variants[0], **_values_from_body(patch, patch.model_fields_set, currency=currency))
    return (variant,), _stock([variant], [patch])


def _values_from_body(
    body: VariantFields | ProductFields, fields_set: Collection[str], *, currency: str
) -> dict[str, Any]:
    """Return the variant's values of these fields of a body."""
    changes: dict[str, Any] = {}
    for field in VARIANT_FIELDS:
        if not field.is_accepted or field.api_name not in fields_set or _is_of_product(field, body):
            continue
        value = getattr(body, field.api_name)
        if value is None and field.is_required:
            continue
        changes[field.name] = _minor(value, currency) if isinstance(value, MoneyField) else value
    return changes


def _is_of_product(field: Field, body: VariantFields | ProductFields) -> bool:
    # In the body of a product, `image_url` is short for one of its images.
    return field.name == "image_url" and isinstance(body, ProductFields)


def _values(options: Mapping[str, str], names: Sequence[str]) -> tuple[str, ...]:
    if options.keys() != set(names):
        raise ProductInvalid(
            f"Each variant needs a value for exactly these options: {', '.join(names)}", pointer="/variants"
        )
    return tuple(options[name] for name in names)


def _stock(variants: Sequence[Variant], bodies: Sequence[VariantFields | ProductFields]) -> Mapping[str, int | None]:
    pairs = zip(variants, bodies, strict=True)
    return {variant.key: body.stock for variant, body in pairs if "stock" in body.model_fields_set}


def _minor(price: MoneyField, currency: str) -> int:
    if price.currency != currency:
        raise CurrencyNotSold(f"This shop sells in {currency}, not in {price.currency}", currency=currency)
    return price.amount


def _tags(body: ProductFields) -> tuple[str, ...]:
    return tuple(dict.fromkeys(body.tags))


def _images(body: ProductFields, before: tuple[Image, ...]) -> tuple[Image, ...]:
    known = {image.url: image for image in before}
    if body.images is not None:
        return tuple(
            Image(
                url=image.url,
                alt=image.alt,
                width=image.width,
                height=image.height,
                sizes=known[image.url].sizes if image.url in known else {},
            )
            for image in body.images
        )
    return (known.get(body.image_url, Image(url=body.image_url)),) if body.image_url is not None else ()
