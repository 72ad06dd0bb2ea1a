"""Reading and changing tenants. Making one is a story of its own, in `workflows/provision_tenant`."""

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from luxewin.kit.access import Role, installation, staff
from luxewin.kit.errors import PreconditionFailed
from luxewin.kit.http.context import CurrentContext, RequestContext, json_response, response
from luxewin.kit.http.fields import must_match
from luxewin.kit.http.routing import Router
from luxewin.kit.idempotency import StoredResponse
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
    context: CurrentContext,
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    """List the tenants of the installation, by slug.

    Installation administrators only. A tenant that another process has just made appears within two seconds.
    """
    cursors = context.service(Cursors)
    after = cursors.read(cursor, tenant_id=PLATFORM.id, listing=_LISTING)[0] if cursor else ""
    rest = [tenant for tenant in await context.service(Directory).tenants() if tenant.slug > after]
    shown = rest[:limit]
    following = None
    if len(rest) > limit:
        following = cursors.sign([shown[-1].slug], tenant_id=PLATFORM.id, listing=_LISTING)
    return response(
        json_response(Page[TenantView](data=[TenantView.of(tenant) for tenant in shown], next_cursor=following))
    )


@router.operation("GET", "/tenants/{tenant_id}", permission=READ_TENANT, answers=TenantView, refuses=(TenantUnknown,))
async def read_tenant(tenant_id: UUID, context: CurrentContext) -> Response:
    """Read a tenant.

    A tenant's staff may read their own, installation administrators every one.
    """
    tenant = await (await _within(context, tenant_id)).read(registry.get)
    return response(json_response(TenantView.of(tenant), ETag=f'"{tenant.version}"'))


@router.operation(
    "PATCH",
    "/tenants/{tenant_id}",
    permission=CHANGE_TENANT,
    answers=TenantView,
    refuses=(TenantUnknown, DomainTaken, TenantChangedMeanwhile, ClockFixed, PreconditionFailed),
)
async def change_tenant(tenant_id: UUID, body: TenantPatch, context: CurrentContext) -> Response:
    """Change a tenant's name, locale, domains, settings, status or test clock.

    Installation administrators only. `domains` and `settings` replace what was there. A suspended tenant is not
    served; its open payments and refunds are still brought to their end. `clock_offset_seconds` moves the tenant's
    time ahead, outside production only. Takes effect here at once, in other processes within two seconds.
    """

    async def effect(tx: Transaction) -> StoredResponse:
        tenant = await registry.get(tx)
        must_match(context, tenant.version)
        may_move = not context.service(Settings).is_production
        changed = await registry.change(tx, tenant, body.changes(), clock_may_move=may_move)
        return json_response(TenantView.of(changed), ETag=f'"{changed.version}"')

    sent = await (await _within(context, tenant_id)).write(effect)
    await context.service(Directory).refresh()
    return sent


async def _within(context: RequestContext, tenant_id: UUID) -> RequestContext:
    """Return the call as it works in the named tenant; whoever is no installation administrator has only their own."""
    if context.principal.role is not Role.SUPER_ADMIN and tenant_id != context.tenant.id:
        raise TenantUnknown
    tenant = await context.service(Directory).tenant(tenant_id)
    if tenant is None:
        raise TenantUnknown
    return replace(context, tenant=tenant.tenancy)
