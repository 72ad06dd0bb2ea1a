"""Queries of vendors."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write, write
from luxewin.modules.vendors.domain import Vendor, VendorStatus, name_key
from luxewin.modules.vendors.errors import MemberOfAnotherVendor, MemberUnknown, VendorChangedMeanwhile, VendorExists

_NAME_KEY = "vendors_vendors_tenant_id_name_key_key"
_COLUMNS = "id, slug, name, status, created_at, version"


async def with_keys(tx: Transaction, keys: Collection[str]) -> dict[str, Vendor]:
    """Return the vendors with these name keys, by key."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM vendors_vendors WHERE tenant_id = $1 AND name_key = ANY($2::text[])",
        tx.tenant_id,
        list(keys),
    )
    return {name_key(row["name"]): _vendor(row) for row in rows}


async def with_ids(tx: Transaction, ids: Collection[UUID]) -> dict[UUID, Vendor]:
    """Return the vendors with these ids, by id."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM vendors_vendors WHERE tenant_id = $1 AND id = ANY($2::uuid[])",
        tx.tenant_id,
        list(ids),
    )
    return {row["id"]: _vendor(row) for row in rows}


async def taken_slugs(tx: Transaction, slugs: Collection[str]) -> set[str]:
    """Return which of these slugs are taken."""
    rows = await tx.fetch(
        "SELECT slug FROM vendors_vendors WHERE tenant_id = $1 AND slug = ANY($2::text[])", tx.tenant_id, list(slugs)
    )
    return {row["slug"] for row in rows}


async def page(
    tx: Transaction, *, status: VendorStatus | None, after: tuple[str, UUID] | None, limit: int
) -> list[Vendor]:
    """Return a page of vendors by name."""
    conditions, parameters = ["tenant_id = $1"], [tx.tenant_id, limit]
    if status is not None:
        parameters.append(status)
        conditions.append(f"status = ${len(parameters)}")
    if after is not None:
        parameters.extend(after)
        conditions.append(f"(name_key, id) > (${len(parameters) - 1}::text, ${len(parameters)}::uuid)")
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM vendors_vendors WHERE {' AND '.join(conditions)} ORDER BY name_key, id LIMIT $2",
        *parameters,
    )
    return [_vendor(row) for row in rows]


def add(tx: Transaction, vendors: Sequence[Vendor]) -> Write:
    """Return the write that adds vendors; VendorChangedMeanwhile if another transaction has taken a name or slug."""
    return write(
        "INSERT INTO vendors_vendors (tenant_id, id, slug, name, name_key, status, created_at, updated_at, version)"
        " SELECT $1, v.id, v.slug, v.name, v.name_key, v.status, v.created_at, v.created_at, v.version"
        " FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::bigint[])"
        " AS v(id, slug, name, name_key, status, created_at, version) ON CONFLICT DO NOTHING",
        tx.tenant_id,
        [vendor.id for vendor in vendors],
        [vendor.slug for vendor in vendors],
        [vendor.name for vendor in vendors],
        [name_key(vendor.name) for vendor in vendors],
        [vendor.status for vendor in vendors],
        [vendor.created_at for vendor in vendors],
        [vendor.version for vendor in vendors],
        rows=len(vendors),
        otherwise=VendorChangedMeanwhile,
    )


async def change(tx: Transaction, before: Vendor, after: Vendor) -> None:
    """Write the next version of a vendor, together with the other gathered writes.

    Raises:
        VendorExists: another vendor has the name.
        VendorChangedMeanwhile: another transaction changed the vendor first.
    """
    update = write(
        "UPDATE vendors_vendors SET name = $4, name_key = $5, status = $6, version = $7, updated_at = kit_now()"
        " WHERE tenant_id = $1 AND id = $2 AND version = $3",
        tx.tenant_id,
        before.id,
        before.version,
        after.name,
        name_key(after.name),
        after.status,
        after.version,
        rows=1,
        otherwise=VendorChangedMeanwhile,
    )
    tx.write(update)
    try:
        await tx.flush()
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name != _NAME_KEY:
            raise
        raise VendorExists from error


async def vendor_of(tx: Transaction, user_id: UUID) -> UUID | None:
    """Return the vendor that an account is a member of, or None."""
    vendor_id: UUID | None = await tx.fetchval(
        "SELECT vendor_id FROM vendors_members WHERE tenant_id = $1 AND user_id = $2", tx.tenant_id, user_id
    )
    return vendor_id


async def members(tx: Transaction, vendor_id: UUID) -> list[tuple[UUID, datetime]]:
    """Return the members of a vendor and when they were added, the oldest first."""
    rows = await tx.fetch(
        "SELECT user_id, added_at FROM vendors_members WHERE tenant_id = $1 AND vendor_id = $2"
        " ORDER BY added_at, user_id",
        tx.tenant_id,
        vendor_id,
    )
    return [(row["user_id"], row["added_at"]) for row in rows]


def add_member(tx: Transaction, vendor: Vendor, user_id: UUID) -> list[Write]:
    """Return the writes that add a member; MemberOfAnotherVendor if the account is a member already."""
    return [
        write(
            "INSERT INTO vendors_members (tenant_id, user_id, vendor_id, added_at) VALUES ($1, $2, $3, kit_now())"
            " ON CONFLICT DO NOTHING",
            tx.tenant_id,
            user_id,
            vendor.id,
            rows=1,
            otherwise=MemberOfAnotherVendor,
        ),
        _increment_version(tx, vendor),
    ]


def remove_member(tx: Transaction, vendor: Vendor, user_id: UUID) -> list[Write]:
    """Return the writes that remove a member; MemberUnknown if the account is not a member."""
    return [
        write(
            "DELETE FROM vendors_members WHERE tenant_id = $1 AND user_id = $2 AND vendor_id = $3",
            tx.tenant_id,
            user_id,
            vendor.id,
            rows=1,
            otherwise=MemberUnknown,
        ),
        _increment_version(tx, vendor),
    ]


def _increment_version(tx: Transaction, vendor: Vendor) -> Write:
    return write(
        "UPDATE vendors_vendors SET version = version + 1, updated_at = kit_now()"
        " WHERE tenant_id = $1 AND id = $2 AND version = $3",
        tx.tenant_id,
        vendor.id,
        vendor.version,
        rows=1,
        otherwise=VendorChangedMeanwhile,
    )


def _vendor(row: Any) -> Vendor:
    return Vendor(**{**row, "status": VendorStatus(row["status"])})
