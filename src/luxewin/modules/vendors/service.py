"""Use cases of vendors."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.modules.identity import public as identity
from luxewin.modules.vendors import repository
from luxewin.modules.vendors.domain import Vendor, VendorStatus, name_key, slugs_for
from luxewin.modules.vendors.errors import MemberUnknown, UserUnknown, VendorExists, VendorUnknown
from luxewin.modules.vendors.events import MemberAdded, MemberRemoved, VendorAdded, VendorChanged


async def find_vendor(tx: Transaction, vendor_id: UUID) -> Vendor:
    """Return a vendor.

    Raises:
        VendorUnknown: the tenant has no vendor with this id.
    """
    vendor = (await repository.with_ids(tx, [vendor_id])).get(vendor_id)
    if vendor is None:
        raise VendorUnknown
    return vendor


async def list_vendors(
    tx: Transaction, *, status: VendorStatus | None, after: tuple[str, UUID] | None, limit: int
) -> list[Vendor]:
    """Return a page of vendors by name."""
    return await repository.page(tx, status=status, after=after, limit=limit)


async def add_vendor(tx: Transaction, *, name: str, slug: str | None) -> Vendor:
    """Add a vendor; its slug is derived from its name unless one is given.

    Raises:
        VendorExists: the name or the given slug belongs to another vendor.
    """
    if await repository.with_keys(tx, [name_key(name)]):
        raise VendorExists
    vendor_id = new_id()
    candidates = [slug] if slug else slugs_for(name, vendor_id=vendor_id)
    taken = await repository.taken_slugs(tx, candidates)
    free = next((candidate for candidate in candidates if candidate not in taken), None)
    if free is None:
        raise VendorExists
    vendor = _new(vendor_id, name=name, slug=free, at=await tx.now())
    _add(tx, [vendor])
    return vendor


async def change_vendor(tx: Transaction, vendor: Vendor, *, name: str | None, status: VendorStatus | None) -> Vendor:
    """Change a vendor that was read in this transaction; None leaves a value as it is. Its slug stays.

    Raises:
        VendorExists: the name belongs to another vendor.
        VendorChangedMeanwhile: another transaction changed the vendor first.
    """
    after = replace(
        vendor,
        name=vendor.name if name is None else name,
        status=vendor.status if status is None else status,
        version=vendor.version + 1,
    )
    if (after.name, after.status) == (vendor.name, vendor.status):
        return vendor
    tx.audit("vendors.vendor_changed", target=vendor.id, before=_name_and_status(vendor), after=_name_and_status(after))
    tx.publish(
        VendorChanged(
            aggregate_id=vendor.id,
            aggregate_version=after.version,
            name=after.name,
            previous_name=vendor.name,
            status=after.status.value,
        )
    )
    await repository.change(tx, vendor, after)
    return after


async def ensure(tx: Transaction, names: Sequence[str]) -> dict[str, UUID]:
    """Return the vendor of each name; add the vendors that do not exist yet.

    Names that differ only in case or white space are the same vendor, which has the first of these names.
    """
    existing = await repository.with_keys(tx, {name_key(name) for name in names})
    missing: dict[str, str] = {}
    for name in names:
        if (key := name_key(name)) not in existing:
            missing.setdefault(key, name.strip())
    added = await _new_vendors(tx, list(missing.values()))
    if added:
        _add(tx, added)
        await tx.flush()
    existing |= {name_key(vendor.name): vendor for vendor in added}
    return {name: existing[name_key(name)].id for name in names}


async def find_named(tx: Transaction, names: Sequence[str]) -> dict[str, UUID]:
    """Return the vendor of each name that has one."""
    existing = await repository.with_keys(tx, {name_key(name) for name in names})
    return {name: existing[key].id for name in names if (key := name_key(name)) in existing}


async def members_of(tx: Transaction, vendor_id: UUID) -> list[tuple[UUID, datetime]]:
    """Return the members of a vendor and when they were added, the oldest first."""
    vendor = await find_vendor(tx, vendor_id)
    return await repository.members(tx, vendor.id)


async def add_member(tx: Transaction, *, vendor_id: UUID, user_id: UUID) -> Vendor:
    """Add a member to a vendor; nothing changes if the account is a member already.

    Raises:
        UserUnknown: the tenant has no such account.
        MemberOfAnotherVendor: the account is a member of another vendor.
    """
    vendor = await find_vendor(tx, vendor_id)
    if await identity.find_user(tx, user_id) is None:
        raise UserUnknown(pointer="/user_id")
    if await repository.vendor_of(tx, user_id) == vendor.id:
        return vendor
    tx.write(*repository.add_member(tx, vendor, user_id))
    tx.audit("vendors.member_added", target=vendor.id, after={"user_id": user_id})
    tx.publish(MemberAdded(aggregate_id=vendor.id, aggregate_version=vendor.version + 1, user_id=user_id))
    return vendor


async def remove_member(tx: Transaction, *, vendor_id: UUID, user_id: UUID) -> None:
    """Remove a member from a vendor.

    Raises:
        MemberUnknown: the account is not a member of this vendor.
    """
    vendor = await find_vendor(tx, vendor_id)
    if await repository.vendor_of(tx, user_id) != vendor.id:
        raise MemberUnknown
    tx.write(*repository.remove_member(tx, vendor, user_id))
    tx.audit("vendors.member_removed", target=vendor.id, before={"user_id": user_id})
    tx.publish(MemberRemoved(aggregate_id=vendor.id, aggregate_version=vendor.version + 1, user_id=user_id))


async def _new_vendors(tx: Transaction, names: Sequence[str]) -> list[Vendor]:
    """Return new vendors with these names, each with a free slug."""
    ids = [new_id() for _ in names]
    candidates = [slugs_for(name, vendor_id=vendor_id) for name, vendor_id in zip(names, ids, strict=True)]
    taken = await repository.taken_slugs(tx, {slug for slugs in candidates for slug in slugs}) if names else set()
    vendors = []
    for vendor_id, name, slugs in zip(ids, names, candidates, strict=True):
        free = next(slug for slug in slugs if slug not in taken)
        taken.add(free)
        vendors.append(_new(vendor_id, name=name, slug=free, at=await tx.now()))
    return vendors


def _new(vendor_id: UUID, *, name: str, slug: str, at: datetime) -> Vendor:
    return Vendor(id=vendor_id, slug=slug, name=name, status=VendorStatus.ACTIVE, created_at=at, version=1)


def _add(tx: Transaction, vendors: Sequence[Vendor]) -> None:
    tx.write(repository.add(tx, vendors))
    for vendor in vendors:
        tx.audit("vendors.vendor_added", target=vendor.id, after={"name": vendor.name, "slug": vendor.slug})
        tx.publish(
            VendorAdded(aggregate_id=vendor.id, aggregate_version=vendor.version, name=vendor.name, slug=vendor.slug)
        )


def _name_and_status(vendor: Vendor) -> dict[str, str]:
    return {"name": vendor.name, "status": vendor.status.value}
