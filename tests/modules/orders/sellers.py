"""Vendors with a member and goods, for tests of orders."""

from dataclasses import dataclass, replace
from uuid import UUID

from luxewin.kit.access import SYSTEM
from luxewin.modules.identity.public import Role, register
from luxewin.modules.vendors import public as vendors
from tests.workflows.market import Market, Person


@dataclass(frozen=True, slots=True)
class Seller:
    """A vendor, one of its members, and a variant that it sells."""

    vendor_id: UUID
    member: Person
    variant_id: UUID


async def seller(market: Market, name: str) -> Seller:
    """Add a vendor with this name, a member, and a product."""
    async with market.database.begin(market.tenant, SYSTEM) as tx:
        email = f"{name.lower()}@example.com"
        account = await register(tx, name=name, email=email, password_hash="-", role=Role.VENDOR)
        vendor_id = (await vendors.ensure(tx, [name]))[name]
    variant_id = await market.create_variant()
    await market.as_owner(
        "INSERT INTO vendors_members (tenant_id, user_id, vendor_id, added_at) VALUES ($1, $2, $3, now())",
        market.tenant.id,
        account.id,
        vendor_id,
    )
    await market.as_owner(
        "UPDATE catalog_products SET vendor_id = $1 WHERE id = (SELECT product_id FROM catalog_variants WHERE id = $2)",
        vendor_id,
        variant_id,
    )
    member = market.person_as(replace(market.person(Role.VENDOR).principal, user_id=account.id))
    return Seller(vendor_id, member, variant_id)
