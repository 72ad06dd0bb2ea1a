"""Resolving the references of a request: the slug, category, vendor and type of a product."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog.domain.attributes import AttributeValue, validate_attributes
from luxewin.modules.catalog.domain.names import slugs_for
from luxewin.modules.catalog.domain.products import Product
from luxewin.modules.catalog.errors import AttributeInvalid, ProductTypeNotFound, SlugTaken
from luxewin.modules.catalog.repository import product_types
from luxewin.modules.catalog.repository import products as repository
from luxewin.modules.catalog.schemas.products import ProductBody, ProductFields
from luxewin.modules.catalog.service.categories import category_named
from luxewin.modules.catalog.service.contents import ResolvedFields
from luxewin.modules.catalog.service.ownership import vendor_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """The resolved fields, the ids from the root category down (`lineage`), and the names of category and vendor."""

    fields: ResolvedFields
    lineage: tuple[UUID, ...]
    category_path: str | None
    vendor_name: str | None


def resolved_from(product: Product) -> Resolved:
    """Return the fields of a stored product."""
    content = product.content
    return Resolved(
        fields=ResolvedFields(
            slug=content.slug,
            category_id=content.category_id,
            vendor_id=content.vendor_id,
            product_type_id=content.product_type_id,
            attributes=content.attributes,
        ),
        lineage=product.lineage,
        category_path=product.category.path if product.category else None,
        vendor_name=product.vendor.name if product.vendor else None,
    )


async def resolve(
    tx: Transaction, body: ProductFields, product_id: UUID, *, name: str, before: Product | None
) -> Resolved:
    """Return the resolved fields of a body; slug, vendor and type stay unchanged if omitted.

    Raises:
        SlugTaken: the slug belongs to another product.
        CategoryNotFound, CategoryAmbiguous, CategoryInvalid, VendorNotFound, ProductTypeNotFound, AttributeInvalid: a
            reference is unknown or invalid.
        NotAVendor, NotYoursToSet: the caller may not.
    """
    now = resolved_from(before) if before else None
    type_id, attributes = await _type(tx, body, before)
    category = await category_named(tx, body.category) if body.category is not None else None
    unchanged = now if category is None and not _sets_category(body) else None
    if now and "vendor_id" not in body.model_fields_set:
        vendor_id, vendor_name = now.fields.vendor_id, now.vendor_name
    else:
        vendor = await vendor_for(tx, body.vendor_id)
        vendor_id, vendor_name = (vendor.id, vendor.name) if vendor else (None, None)
    return Resolved(
        fields=ResolvedFields(
            slug=await _slug(tx, body.slug, product_id, name=name, before=before),
            category_id=category.id if category else (unchanged.fields.category_id if unchanged else None),
            vendor_id=vendor_id,
            product_type_id=type_id,
            attributes=attributes,
        ),
        lineage=category.lineage if category else (unchanged.lineage if unchanged else ()),
        category_path=category.path if category else (unchanged.category_path if unchanged else None),
        vendor_name=vendor_name,
    )


def _sets_category(body: ProductFields) -> bool:
    # A complete body without a category removes the category; a partial change without it keeps it, and so does a body
    # with the category of the response.
    if "category" in body.given:
        return False
    return isinstance(body, ProductBody) or "category" in body.model_fields_set


async def _slug(tx: Transaction, wanted: str | None, product_id: UUID, *, name: str, before: Product | None) -> str:
    if before and wanted in {None, before.content.slug}:
        return before.content.slug
    candidates = [wanted] if wanted else slugs_for(name, kind="product", owner_id=product_id)
    taken = await repository.slugs_taken(tx, candidates)
    free = next((slug for slug in candidates if slug not in taken), None)
    if free is None:
        raise SlugTaken(slug=wanted)
    return free


async def _type(
    tx: Transaction, body: ProductFields, before: Product | None
) -> tuple[UUID | None, Mapping[str, AttributeValue]]:
    fields_set = body.model_fields_set & {"product_type_id", "attributes"}
    if before and not fields_set:
        return before.content.product_type_id, before.content.attributes
    known_id = before.content.product_type_id if before else None
    type_id = body.product_type_id if "product_type_id" in fields_set else known_id
    values: Mapping[str, object] = body.attributes
    if before and "attributes" not in fields_set and type_id == known_id:
        values = before.content.attributes
    if type_id is None:
        if values:
            raise AttributeInvalid(
                "Only a product with a type has attributes; set product_type_id", pointer="/attributes"
            )
        return None, {}
    product_type = await product_types.lock_shared(tx, type_id)
    if product_type is None:
        raise ProductTypeNotFound(pointer="/product_type_id")
    return type_id, validate_attributes(values, product_type.attributes)
