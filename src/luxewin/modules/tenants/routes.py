"""Reading and changing tenants. Making one is a story of its own, in `workflows/provision_tenant`."""

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from luxewin.kit.access import Role, installation, staff
from luxewin.kit.errors import PreconditionFailed
from luxewin.kit.http.call import Call, CurrentCall, answer, response
from luxewin.kit.http.fields import must_match
from luxewin.kit.http.routing import Router
from luxewin.kit.idempotency import StoredAnswer
from luxewin.kit.pagination import DEFAULT_LIMIT, LARGEST_LIMIT, Cursors, InvalidCursor, Page
from luxewin.kit.settings import Settings
from luxewin.kit.transaction import Transaction
from luxewin.modules.tenants.domain import PLATFORM
from luxewin.modules.tenants.errors import ClockFixed, DomainTaken, TenantChangedMeanwhile, TenantUnknown
from luxewin.modules.tenants.schemas import TenantPatch, TenantView
from luxewin.modules.tenants.service import registry
from luxewin.modules.tenants.service.directory import Directory

router = Router("tenants")
LIST_TENANTS = installation("tenants.list")
READ_TENANT = staff("tenants.read")
CHANGE_TENANT = installation("tenants.change")

_LISTING = "tenants"


@router.operation("GET", "/tenants", permission=LIST_TENANTS, answers=Page[TenantView], refuses=(InvalidCursor,))
async def list_tenants(
    call: CurrentCall,
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    """List the tenants of the installation, by slug.

    Installation administrators only. A tenant that another process has just made appears within two seconds.
    """
    cursors = call.service(Cursors)
    after = cursors.read(cursor, tenant_id=PLATFORM.id, listing=_LISTING)[0] if cursor else ""
    rest = [tenant for tenant in await call.service(Directory).tenants() if tenant.slug > after]
    shown = rest[:limit]
    following = None
    if len(rest) > limit:
        following = cursors.sign([shown[-1].slug], tenant_id=PLATFORM.id, listing=_LISTING)
    return response(answer(Page[TenantView](data=[TenantView.of(tenant) for tenant in shown], next_cursor=following)))


@router.operation("GET", "/tenants/{tenant_id}", permission=READ_TENANT, answers=TenantView, refuses=(TenantUnknown,))
async def read_tenant(tenant_id: UUID, call: CurrentCall) -> Response:
    """Read a tenant.

    A tenant's staff may read their own, installation administrators every one.
    """
    tenant = await (await _within(call, tenant_id)).read(registry.get)
    return response(answer(TenantView.of(tenant), ETag=f'"{tenant.version}"'))


@router.operation(
    "PATCH",
    "/tenants/{tenant_id}",
    permission=CHANGE_TENANT,
    answers=TenantView,
    refuses=(TenantUnknown, DomainTaken, TenantChangedMeanwhile, ClockFixed, PreconditionFailed),
)
async def change_tenant(tenant_id: UUID, body: TenantPatch, call: CurrentCall) -> Response:
    """Change a tenant's name, locale, domains, settings, status or test clock.

    Installation administrators only. `domains` and `settings` replace what was there. A suspended tenant is not
    served; its open payments and refunds are still brought to their end. `clock_offset_seconds` moves the tenant's
    time ahead, outside production only. Takes effect here at once, in other processes within two seconds.
    """

    async def effect(tx: Transaction) -> StoredAnswer:
        tenant = await registry.get(tx)
        must_match(call, tenant.version)
        may_move = not call.service(Settings).is_production
        changed = await registry.change(tx, tenant, body.changes(), clock_may_move=may_move)
        return answer(TenantView.of(changed), ETag=f'"{changed.version}"')

    sent = await (await _within(call, tenant_id)).write(effect)
    await call.service(Directory).refresh()
    return sent


async def _within(call: Call, tenant_id: UUID) -> Call:
    """Return the call as it works in the named tenant; whoever is no installation administrator has only their own."""
    if call.principal.role is not Role.SUPER_ADMIN and tenant_id != call.tenant.id:
        raise TenantUnknown
    tenant = await call.service(Directory).tenant(tenant_id)
    if tenant is None:
        raise TenantUnknown
    return replace(call, tenant=tenant.tenancy)
