"""Listing, adding, replacing and deleting product types."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog.domain.attributes import is_compatible
from luxewin.modules.catalog.domain.product_types import ProductType
from luxewin.modules.catalog.errors import NameTaken, ProductTypeInUse, ProductTypeUnknown
from luxewin.modules.catalog.repository import product_types as repository
from luxewin.modules.catalog.repository.flushing import flush
from luxewin.modules.catalog.schemas.product_types import ProductTypeBody


async def list_product_types(tx: Transaction) -> list[ProductType]:
    """Return all product types by name."""
    return await repository.every(tx)


async def find_product_type(tx: Transaction, type_id: UUID) -> ProductType:
    """Return a product type.

    Raises:
        ProductTypeUnknown: there is none.
    """
    product_type = await repository.with_id(tx, type_id)
    if product_type is None:
        raise ProductTypeUnknown
    return product_type


async def add_product_type(tx: Transaction, body: ProductTypeBody) -> ProductType:
    """Add a product type.

    Raises:
        NameTaken: another type has its name.
    """
    at = await tx.now()
    product_type = ProductType(
        id=new_id(), name=body.name, attributes=body.declared(), created_at=at, updated_at=at, version=1
    )
    tx.write(repository.add(tx, product_type))
    tx.audit("catalog.product_type_created", target=product_type.id, after=_audit_values(product_type))
    return product_type


async def replace_product_type(tx: Transaction, before: ProductType, body: ProductTypeBody) -> ProductType:
    """Replace the attributes and the name of a product type.

    Raises:
        NameTaken: another type has its name.
        ProductTypeInUse: existing products would no longer be valid.
    """
    after = replace(before, name=body.name, attributes=body.declared())
    if after == before:
        return before
    if await repository.is_named(tx, after.name, other_than=before.id):
        raise NameTaken
    if not is_compatible(before.attributes, after.attributes) and await repository.has_products(tx, before.id):
        raise ProductTypeInUse
    after = replace(after, version=before.version + 1, updated_at=await tx.now())
    tx.write(repository.change(tx, before, after))
    tx.audit("catalog.product_type_changed", target=before.id, before=_audit_values(before), after=_audit_values(after))
    await flush(tx)
    return after


async def delete_product_type(tx: Transaction, product_type: ProductType) -> None:
    """Delete a product type that no product has.

    Raises:
        ProductTypeInUse: products have the type.
    """
    if await repository.has_products(tx, product_type.id):
        raise ProductTypeInUse
    tx.write(repository.delete(tx, product_type))
    tx.audit("catalog.product_type_deleted", target=product_type.id, before=_audit_values(product_type))


def _audit_values(product_type: ProductType) -> dict[str, Any]:
    return {"name": product_type.name, "attributes": product_type.attributes}
