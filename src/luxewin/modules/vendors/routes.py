"""Vendors over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from luxewin.kit.access import everyone, staff
from luxewin.kit.http.context import CurrentContext, json_response, response
from luxewin.kit.http.routing import Router
from luxewin.kit.idempotency import StoredResponse
from luxewin.kit.pagination import DEFAULT_LIMIT, LARGEST_LIMIT, Cursors, Page
from luxewin.kit.transaction import Transaction
from luxewin.modules.vendors import service
from luxewin.modules.vendors.domain import VendorStatus, name_key
from luxewin.modules.vendors.errors import (
    MemberElsewhere,
    MemberUnknown,
    UserUnknown,
    VendorExists,
    VendorUnknown,
)
from luxewin.modules.vendors.schemas import MemberBody, MembersView, MemberView, VendorBody, VendorView

router = Router("vendors", invalidates_cache=True)
READ_VENDORS = everyone("vendors.read")
WRITE_VENDORS = staff("vendors.write")
READ_MEMBERS = staff("vendors.members.read")
WRITE_MEMBERS = staff("vendors.members.write")


@router.operation("GET", "/vendors", permission=READ_VENDORS, answers=Page[VendorView])
async def list_vendors(
    context: CurrentContext,
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
    cursor: Annotated[str | None, Query(max_length=1000)] = None,
) -> Response:
    """List vendors by name.

    Staff see suspended vendors too.
    """
    cursors = context.service(Cursors)
    status = None if context.principal.is_staff else VendorStatus.ACTIVE
    listing = f"vendors/{status}"
    place = cursors.read(cursor, tenant_id=context.tenant.id, listing=listing) if cursor else None
    after = (str(place[0]), UUID(place[1])) if place else None
    vendors = await context.read(lambda tx: service.list_vendors(tx, status=status, after=after, limit=limit + 1))
    following = None
    if len(vendors) > limit:
        last = vendors[limit - 1]
        following = cursors.sign([name_key(last.name), last.id], tenant_id=context.tenant.id, listing=listing)
    views = [VendorView.of(vendor) for vendor in vendors[:limit]]
    return response(json_response(Page[VendorView](data=views, next_cursor=following)))


@router.operation("POST", "/vendors", permission=WRITE_VENDORS, answers=VendorView, status=201, refuses=(VendorExists,))
async def add_vendor(context: CurrentContext, body: VendorBody) -> Response:
    """Add a vendor.

    It may sell at once; its people are added as members.
    """

    async def effect(tx: Transaction) -> StoredResponse:
        vendor = await service.add_vendor(tx, name=body.name, slug=body.slug)
        return json_response(VendorView.of(vendor), status=201, ETag=f'"{vendor.version}"')

    return await context.write(effect)


@router.operation("GET", "/vendors/{vendor_id}", permission=READ_VENDORS, answers=VendorView, refuses=(VendorUnknown,))
async def read_vendor(context: CurrentContext, vendor_id: UUID) -> Response:
    """Read a vendor.

    A suspended vendor is there for staff alone.
    """
    vendor = await context.read(lambda tx: service.find_vendor(tx, vendor_id))
    if vendor.status is VendorStatus.SUSPENDED and not context.principal.is_staff:
        raise VendorUnknown
    return response(json_response(VendorView.of(vendor), ETag=f'"{vendor.version}"'))


@router.operation(
    "GET", "/vendors/{vendor_id}/members", permission=READ_MEMBERS, answers=MembersView, refuses=(VendorUnknown,)
)
async def list_members(context: CurrentContext, vendor_id: UUID) -> Response:
    """List the accounts that act for a vendor, in the order in which they came."""
    members = await context.read(lambda tx: service.members_of(tx, vendor_id))
    views = [MemberView(vendor_id=vendor_id, user_id=user_id, added_at=added_at) for user_id, added_at in members]
    return response(json_response(MembersView(data=views)))


@router.operation(
    "POST",
    "/vendors/{vendor_id}/members",
    permission=WRITE_MEMBERS,
    answers=MemberView,
    status=201,
    refuses=(VendorUnknown, UserUnknown, MemberElsewhere),
)
async def add_member(context: CurrentContext, vendor_id: UUID, body: MemberBody) -> Response:
    """Let an account act for a vendor.

    An account acts for one vendor at most. Adding somebody who is a member already changes nothing.
    """

    async def effect(tx: Transaction) -> StoredResponse:
        await service.add_member(tx, vendor_id=vendor_id, user_id=body.user_id)
        await tx.flush()
        members = dict(await service.members_of(tx, vendor_id))
        view = MemberView(vendor_id=vendor_id, user_id=body.user_id, added_at=members[body.user_id])
        return json_response(view, status=201)

    return await context.write(effect)


@router.operation(
    "DELETE",
    "/vendors/{vendor_id}/members/{user_id}",
    permission=WRITE_MEMBERS,
    status=204,
    refuses=(VendorUnknown, MemberUnknown),
)
async def remove_member(context: CurrentContext, vendor_id: UUID, user_id: UUID) -> Response:
    """End an account's acting for a vendor."""

    async def effect(tx: Transaction) -> StoredResponse:
        await service.remove_member(tx, vendor_id=vendor_id, user_id=user_id)
        return json_response(None, status=204)

    return await context.write(effect)
