"""Build the content of a product from the body of a request, for complete products and for changes; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from luxewin.kit.http.fields import MoneyField
from luxewin.kit.ids import new_id
from luxewin.modules.catalog.domain.attributes import AttributeValue
from luxewin.modules.catalog.domain.descriptions import sanitise
from luxewin.modules.catalog.domain.extra import SEO_DESCRIPTION, SEO_TITLE, extra_after_edit
from luxewin.modules.catalog.domain.fields import VARIANT_FIELDS
from luxewin.modules.catalog.domain.matching import must_be_distinct, with_known_spellings
from luxewin.modules.catalog.domain.names import distinct_tags
from luxewin.modules.catalog.domain.products import Content, Image, Product, Variant, options_of
from luxewin.modules.catalog.errors import ProductInvalid, VariantAmbiguous, VariantExists
from luxewin.modules.catalog.schemas.products import (
    ProductBody,
    ProductFields,
    ProductPatch,
    VariantBody,
    VariantPatch,
)
from luxewin.modules.catalog.service.described_variants import (
    describe_variants,
    minor_of,
    option_values,
    values_from_body,
)

_ONE_VARIANT_FIELDS = frozenset({"price", "compare_at_price", "stock", "sku", "weight_grams"})
_GIVE_EACH = (
    "The product has several variants: change one with PATCH /products/{product}/variants/{variant}, or give each of"
    " them in `variants`"
)


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
    """A content, the ids of its variants, and their requested stock (None: not tracked)."""

    content: Content
    variant_ids: tuple[UUID, ...]
    stock: Mapping[UUID, int | None] = field(default_factory=dict)


def from_body(
    body: ProductBody, resolved: ResolvedFields, *, before: Product | None, currency: str
) -> DescribedContent:
    """Return the content that a body describes; fields of an existing product that no body has stay unchanged.

    Raises:
        ProductInvalid: options and variants do not fit together.
        CurrencyNotSold: a price is in another currency than the shop's.
    """
    known = before.content if before else None
    described = describe_variants(body, before, currency=currency)
    content = Content(
        slug=resolved.slug,
        name=body.name,
        description=sanitise(body.description),
        status=body.status if known is None or "status" in body.model_fields_set else known.status,
        category_id=resolved.category_id,
        vendor_id=resolved.vendor_id,
        product_type_id=resolved.product_type_id,
        attributes=resolved.attributes,
        tags=distinct_tags(body.tags),
        images=_images(body, known.images if known else ()),
        options=described.options,
        variants=described.variants,
        extra=_with_seo(known.extra if known else {}, body),
    )
    _prices_must_be_used(body, content, known, currency=currency)
    return DescribedContent(replace(content, extra=extra_after_edit(known, content)), described.ids, described.stock)


def from_patch(patch: ProductPatch, resolved: ResolvedFields, *, before: Product, currency: str) -> DescribedContent:
    """Return the content with the changes of a patch; everything else stays unchanged.

    Raises:
        VariantAmbiguous: the patch has a price, stock or SKU, but the product has several variants.
        ProductInvalid, CurrencyNotSold: see `from_body`.
    """
    known, fields_set = before.content, patch.model_fields_set
    changes: dict[str, Any] = {
        "slug": resolved.slug,
        "category_id": resolved.category_id,
        "vendor_id": resolved.vendor_id,
        "product_type_id": resolved.product_type_id,
        "attributes": resolved.attributes,
        "extra": _with_seo(known.extra, patch),
    }
    changes |= {name: getattr(patch, name) for name in ("name", "status") if name in fields_set}
    if "description" in fields_set:
        changes["description"] = sanitise(patch.description)
    if "tags" in fields_set:
        changes["tags"] = distinct_tags(patch.tags)
    if fields_set & {"images", "image_url"}:
        changes["images"] = _images(patch, known.images)
    if "options" in fields_set and patch.variants is None and known.options:
        raise ProductInvalid(
            "`options` needs `variants`: give the variants that have the new options", pointer="/options"
        )
    ids, stock = before.variant_ids, dict[UUID, int | None]()
    if patch.variants is not None:
        described = describe_variants(patch, before, currency=currency)
        ids, stock = described.ids, dict(described.stock)
        changes |= {"variants": described.variants, "options": described.options}
    elif fields_set & _ONE_VARIANT_FIELDS:
        if len(ids) > 1:
            raise VariantAmbiguous(_GIVE_EACH)
        only = replace(known.variants[0], **values_from_body(patch, fields_set, currency=currency))
        changes["variants"] = (only,)
        stock = {ids[0]: patch.stock} if "stock" in fields_set else {}
    content = replace(known, **changes)
    _prices_must_be_used(patch, content, known, currency=currency)
    return DescribedContent(replace(content, extra=extra_after_edit(known, content)), ids, stock)


def with_variant(body: VariantBody, *, before: Product, currency: str) -> DescribedContent:
    """Return the content with an additional variant; without a price of its own it has the price of the cheapest one.

    Raises:
        ProductInvalid: its options are not those of the product.
        VariantExists: another variant has the same options.
        CurrencyNotSold: a price is in another currency than the shop's.
    """
    known = before.content
    price = MoneyField(amount=known.cheapest.price_minor, currency=currency) if body.price is None else body.price
    values = option_values(body.options, _names(known))
    changes = values_from_body(body, type(body).model_fields.keys(), currency=currency)
    variant = Variant(**{**changes, "values": values, "price_minor": minor_of(price, currency)})
    ids = (*before.variant_ids, new_id())
    content = _with_variants(known, [*known.variants, variant], [*known.variants, None])
    return DescribedContent(content, ids, {ids[-1]: body.stock} if "stock" in body.model_fields_set else {})


def with_replaced_variant(body: VariantBody, index: int, *, before: Product, currency: str) -> DescribedContent:
    """Return the content with the variant at this index replaced; without a price it keeps its price.

    Raises: as `with_variant`.
    """
    known = before.content.variants[index]
    values = option_values(body.options, _names(before.content))
    changes = values_from_body(body, type(body).model_fields.keys(), currency=currency)
    hidden = {each.name: getattr(known, each.name) for each in VARIANT_FIELDS if not each.is_public}
    price_minor = changes.pop("price_minor", known.price_minor)
    variant = Variant(values=values, price_minor=price_minor, extra=known.extra, **changes, **hidden)
    return _with_variant_at(index, variant, before, body)


def with_changed_variant(patch: VariantPatch, index: int, *, before: Product, currency: str) -> DescribedContent:
    """Return the content with the changes of a patch to the variant at this index.

    Raises: as `with_variant`.
    """
    known = before.content.variants[index]
    values = known.values if patch.options is None else option_values(patch.options, _names(before.content))
    variant = replace(known, values=values, **values_from_body(patch, patch.model_fields_set, currency=currency))
    return _with_variant_at(index, variant, before, patch)


def without_variant(index: int, *, before: Product) -> DescribedContent:
    """Return the content without the variant at this index."""
    remaining = [*before.content.variants[:index], *before.content.variants[index + 1 :]]
    ids = (*before.variant_ids[:index], *before.variant_ids[index + 1 :])
    return DescribedContent(_with_variants(before.content, remaining, remaining), ids)


def _names(content: Content) -> list[str]:
    return [option.name for option in content.options]


def _with_variant_at(
    index: int, variant: Variant, before: Product, body: VariantBody | VariantPatch
) -> DescribedContent:
    others = before.content.variants
    variants = [*others[:index], variant, *others[index + 1 :]]
    content = _with_variants(before.content, variants, others)
    stock = {before.variant_ids[index]: body.stock} if "stock" in body.model_fields_set else {}
    return DescribedContent(content, before.variant_ids, stock)


def _with_variants(before: Content, variants: Sequence[Variant], known: Sequence[Variant | None]) -> Content:
    """Return the content with other variants; `known` are the stored variants that they are."""
    names = _names(before)
    spelled = with_known_spellings(variants, known, names, _options_that_stay(before, variants))
    try:
        must_be_distinct(spelled, before.variants)
    except ProductInvalid as invalid:
        raise VariantExists from invalid
    if len({variant.key for variant in spelled}) < len(spelled):
        raise VariantExists
    return replace(before, variants=tuple(spelled), options=options_of(names, spelled, preferred=before.options))


def _options_that_stay(before: Content, variants: Sequence[Variant]) -> Sequence[Any]:
    """Return the options with the values that variants still have, as they are spelled."""
    return options_of(_names(before), [each for each in variants if each in before.variants], preferred=before.options)


def _prices_must_be_used(body: ProductFields, content: Content, before: Content | None, *, currency: str) -> None:
    """Check that a price beside a list of variants is the default of one of them, or what the product shows."""
    if body.variants is None:
        return
    for name, attribute in (("price", "price_minor"), ("compare_at_price", "compare_at_minor")):
        value = getattr(body, name)
        is_default = any(name not in each.model_fields_set or _is_null_price(name, each) for each in body.variants)
        is_new_price = before is None and name == "price"  # always a default, of variants that need none
        if name not in body.model_fields_set or is_default or is_new_price:
            continue
        shown = {getattr(each.cheapest, attribute) for each in (content, before) if each is not None}
        if (None if value is None else minor_of(value, currency)) not in shown:
            raise ProductInvalid(
                f"Every variant has its own `{name}`; change it there, and leave it out of the product",
                pointer=f"/{name}",
            )


def _is_null_price(name: str, variant: VariantBody) -> bool:
    return name == "price" and variant.price is None


def _with_seo(extra: Mapping[str, Any], body: ProductFields) -> Mapping[str, Any]:
    if body.seo is None:
        return extra
    texts = {SEO_TITLE: body.seo.title, SEO_DESCRIPTION: body.seo.description}
    kept = {key: value for key, value in extra.items() if key not in texts}
    return {**kept, **{key: text for key, text in texts.items() if text}}


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
