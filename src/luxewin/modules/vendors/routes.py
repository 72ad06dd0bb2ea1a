"""Routes of vendors and their members."""

from uuid import UUID

from starlette.responses import Response

from luxewin.kit.access import everyone, staff
from luxewin.kit.errors import PreconditionFailed
from luxewin.kit.http.context import CurrentContext, json_response, response
from luxewin.kit.http.fields import must_match
from luxewin.kit.http.paging import Paging, paginate
from luxewin.kit.http.routing import Router
from luxewin.kit.idempotency import StoredResponse
from luxewin.kit.pagination import InvalidCursor, Page, keyset
from luxewin.kit.transaction import Transaction
from luxewin.modules.vendors import service
from luxewin.modules.vendors.domain import VendorStatus, name_key
from luxewin.modules.vendors.errors import (
    MemberOfAnotherVendor,
    MemberUnknown,
    UserUnknown,
    VendorChangedMeanwhile,
    VendorExists,
    VendorUnknown,
)
from luxewin.modules.vendors.schemas import MemberBody, MembersView, MemberView, VendorBody, VendorPatch, VendorView

router = Router("vendors", invalidates_cache=True)
READ_VENDORS = everyone("vendors.read")
WRITE_VENDORS = staff("vendors.write")
READ_MEMBERS = staff("vendors.members.read")
WRITE_MEMBERS = staff("vendors.members.write")
_BY_NAME = keyset(str, UUID)


@router.operation("GET", "/vendors", permission=READ_VENDORS, response_model=Page[VendorView], errors=(InvalidCursor,))
async def list_vendors(context: CurrentContext, paging: Paging) -> Response:
    """List vendors by name.

    Staff see suspended vendors too.
    """
    status = None if context.principal.is_staff else VendorStatus.ACTIVE
    page = await paginate(
        context,
        paging,
        listing=f"vendors/{status}",
        keyset=_BY_NAME,
        fetch=lambda tx, after, limit: service.list_vendors(tx, status=status, after=after, limit=limit),
        key=lambda vendor: (name_key(vendor.name), vendor.id),
        view=VendorView.of,
    )
    return response(json_response(page))


@router.operation(
    "POST", "/vendors", permission=WRITE_VENDORS, response_model=VendorView, status=201, errors=(VendorExists,)
)
async def add_vendor(context: CurrentContext, body: VendorBody) -> Response:
    """Add a vendor.

    It can sell at once. Its accounts are added as members.
    """

    async def effect(tx: Transaction) -> StoredResponse:
        vendor = await service.add_vendor(tx, name=body.name, slug=body.slug)
        return json_response(VendorView.of(vendor), status=201, ETag=f'"{vendor.version}"')

    return await context.write(effect)


@router.operation(
    "GET", "/vendors/{vendor_id}", permission=READ_VENDORS, response_model=VendorView, errors=(VendorUnknown,)
)
async def read_vendor(context: CurrentContext, vendor_id: UUID) -> Response:
    """Read a vendor.

    Only staff can read a suspended vendor.
    """
    vendor = await context.transaction(lambda tx: service.find_vendor(tx, vendor_id))
    if vendor.status is VendorStatus.SUSPENDED and not context.principal.is_staff:
        raise VendorUnknown
    return response(json_response(VendorView.of(vendor), ETag=f'"{vendor.version}"'))


@router.operation(
    "PATCH",
    "/vendors/{vendor_id}",
    permission=WRITE_VENDORS,
    response_model=VendorView,
    errors=(VendorUnknown, VendorExists, VendorChangedMeanwhile, PreconditionFailed),
)
async def change_vendor(context: CurrentContext, vendor_id: UUID, body: VendorPatch) -> Response:
    """Change a vendor's name or status; its slug stays.

    Staff only. A suspended vendor and its products are visible to staff only, and nothing of it can be bought; carts
    keep such lines as unavailable, and open orders go on. When the vendor is active again, its products are for sale as
    before. Lists show a new name within seconds, and a search finds products by it.
    """

    async def effect(tx: Transaction) -> StoredResponse:
        vendor = await service.find_vendor(tx, vendor_id)
        must_match(context, vendor.version)
        changed = await service.change_vendor(tx, vendor, name=body.name, status=body.status)
        return json_response(VendorView.of(changed), ETag=f'"{changed.version}"')

    return await context.write(effect)


@router.operation(
    "GET", "/vendors/{vendor_id}/members", permission=READ_MEMBERS, response_model=MembersView, errors=(VendorUnknown,)
)
async def list_members(context: CurrentContext, vendor_id: UUID) -> Response:
    """List the members of a vendor, the oldest membership first."""
    members = await context.transaction(lambda tx: service.members_of(tx, vendor_id))
    views = [MemberView(vendor_id=vendor_id, user_id=user_id, added_at=added_at) for user_id, added_at in members]
    return response(json_response(MembersView(data=views)))


@router.operation(
    "POST",
    "/vendors/{vendor_id}/members",
    permission=WRITE_MEMBERS,
    response_model=MemberView,
    status=201,
    errors=(VendorUnknown, UserUnknown, MemberOfAnotherVendor),
)
async def add_member(context: CurrentContext, vendor_id: UUID, body: MemberBody) -> Response:
    """Add an account to a vendor's members.

    An account can be a member of one vendor only. Adding a current member again changes nothing.
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
    errors=(VendorUnknown, MemberUnknown),
)
async def remove_member(context: CurrentContext, vendor_id: UUID, user_id: UUID) -> Response:
    """Remove an account from a vendor's members."""

    async def effect(tx: Transaction) -> StoredResponse:
        await service.remove_member(tx, vendor_id=vendor_id, user_id=user_id)
        return json_response(None, status=204)

    return await context.write(effect)
