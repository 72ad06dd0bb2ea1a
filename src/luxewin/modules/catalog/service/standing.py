"""Where a product stands: its address, category, vendor and type, looked up from what a request says of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog.domain.attributes import AttributeValue, checked
from luxewin.modules.catalog.domain.names import slugs_for
from luxewin.modules.catalog.domain.products import Product
from luxewin.modules.catalog.errors import AttributeInvalid, ProductTypeNotFound, SlugTaken
from luxewin.modules.catalog.repository import product_types
from luxewin.modules.catalog.repository import products as repository
from luxewin.modules.catalog.schemas.products import ProductBody, ProductFields
from luxewin.modules.catalog.service.categories import category_named
from luxewin.modules.catalog.service.contents import Place
from luxewin.modules.catalog.service.ownership import vendor_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A product's place, with the category's ancestors and what readers see of category and vendor."""

    place: Place
    lineage: tuple[UUID, ...]
    category_path: str | None
    vendor_name: str | None


def standing_of(product: Product) -> Standing:
    """Return where a product stands now."""
    content = product.content
    return Standing(
        place=Place(
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


async def standing_for(
    tx: Transaction, body: ProductFields, product_id: UUID, *, name: str, before: Product | None
) -> Standing:
    """Return where a product shall stand; slug, vendor and type stay where the body does not name them.

    Raises:
        SlugTaken: the slug belongs to another product.
        CategoryNotFound, CategoryAmbiguous, CategoryInvalid, VendorNotFound, ProductTypeNotFound, AttributeInvalid: the
            body names what does not exist or does not fit.
        NotAVendor, NotYoursToSet: the caller may not.
    """
    now = standing_of(before) if before else None
    type_id, attributes = await _type(tx, body, before)
    category = await category_named(tx, body.category) if body.category is not None else None
    stays = now if category is None and not _says_category(body) else None
    if now and "vendor_id" not in body.model_fields_set:
        vendor_id, vendor_name = now.place.vendor_id, now.vendor_name
    else:
        vendor = await vendor_for(tx, body.vendor_id)
        vendor_id, vendor_name = (vendor.id, vendor.name) if vendor else (None, None)
    return Standing(
        place=Place(
            slug=await _slug(tx, body.slug, product_id, name=name, before=before),
            category_id=category.id if category else (stays.place.category_id if stays else None),
            vendor_id=vendor_id,
            product_type_id=type_id,
            attributes=attributes,
        ),
        lineage=category.lineage if category else (stays.lineage if stays else ()),
        category_path=category.path if category else (stays.category_path if stays else None),
        vendor_name=vendor_name,
    )


def _says_category(body: ProductFields) -> bool:
    # A whole product without a category has none; a change that does not name it leaves it.
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
    given = body.model_fields_set & {"product_type_id", "attributes"}
    if before and not given:
        return before.content.product_type_id, before.content.attributes
    known_id = before.content.product_type_id if before else None
    type_id = body.product_type_id if "product_type_id" in given else known_id
    values: Mapping[str, object] = body.attributes
    if before and "attributes" not in given and type_id == known_id:
        values = before.content.attributes
    if type_id is None:
        if values:
            raise AttributeInvalid("Only a product of a type has attributes", pointer="/attributes")
        return None, {}
    product_type = await product_types.kept(tx, type_id)
    if product_type is None:
        raise ProductTypeNotFound(pointer="/product_type_id")
    return type_id, checked(values, product_type.attributes)
