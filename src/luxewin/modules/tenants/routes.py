"""Routes that read and change tenants. Creation is in `workflows/provision_tenant`."""

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import Path
from starlette.responses import Response

from luxewin.kit.access import installation, staff
from luxewin.kit.errors import PreconditionFailed
from luxewin.kit.http.context import CurrentContext, RequestContext, json_response, response
from luxewin.kit.http.fields import must_match
from luxewin.kit.http.paging import Paging
from luxewin.kit.http.routing import Router
from luxewin.kit.idempotency import StoredResponse
from luxewin.kit.pagination import Cursors, InvalidCursor, Listing, Page, keyset
from luxewin.kit.settings import Settings
from luxewin.kit.transaction import Transaction
from luxewin.modules.tenants.domain import PLATFORM
from luxewin.modules.tenants.errors import (
    ClockFixed,
    DomainNotPublic,
    DomainTaken,
    RateLimitUnknown,
    TenantChangedMeanwhile,
    TenantUnknown,
)
from luxewin.modules.tenants.schemas import RateLimitPatch, RateLimitsView, RateLimitView, TenantPatch, TenantView
from luxewin.modules.tenants.service import rate_limits, registry
from luxewin.modules.tenants.service.directory import Directory

router = Router("tenants")
LIST_TENANTS = installation("tenants.list")
READ_TENANT = staff("tenants.read")
CHANGE_TENANT = installation("tenants.change")
READ_LIMITS = installation("tenants.rate_limits.read")
CHANGE_LIMITS = installation("tenants.rate_limits.change")
LimitName = Annotated[str, Path(max_length=63, description="The name of the limit, such as `credentials`")]
_BY_SLUG = keyset(str)


@router.operation("GET", "/tenants", permission=LIST_TENANTS, response_model=Page[TenantView], errors=(InvalidCursor,))
async def list_tenants(context: CurrentContext, paging: Paging) -> Response:
    """List the tenants of the installation, by slug.

    Super admins only. A tenant that another process has just created is listed within two seconds, and served at once.
    """
    # Read from the directory, not from the database: no transaction sees more than one tenant.
    listing = Listing(cursors=context.service(Cursors), tenant_id=PLATFORM.id, name="tenants", keyset=_BY_SLUG)
    after = listing.position(paging.cursor) or ""
    found = [tenant for tenant in await context.service(Directory).tenants() if tenant.slug > after]
    tenants, next_cursor = listing.split(found, limit=paging.limit, key=lambda tenant: tenant.slug)
    return response(json_response(Page(data=[TenantView.of(tenant) for tenant in tenants], next_cursor=next_cursor)))


@router.operation(
    "GET", "/tenants/{tenant_id}", permission=READ_TENANT, response_model=TenantView, errors=(TenantUnknown,)
)
async def read_tenant(tenant_id: UUID, context: CurrentContext) -> Response:
    """Read a tenant.

    A tenant's staff may read their own tenant, super admins every tenant.
    """
    tenant = await (await _in_tenant(context, tenant_id)).transaction(registry.get)
    return response(json_response(TenantView.of(tenant), ETag=f'"{tenant.version}"'))


@router.operation(
    "PATCH",
    "/tenants/{tenant_id}",
    permission=CHANGE_TENANT,
    response_model=TenantView,
    errors=(TenantUnknown, DomainTaken, DomainNotPublic, TenantChangedMeanwhile, ClockFixed, PreconditionFailed),
)
async def change_tenant(tenant_id: UUID, body: TenantPatch, context: CurrentContext) -> Response:
    """Change a tenant's name, locale, domains, settings, status or test clock.

    Super admins only. `domains` and `settings` replace the current ones. A suspended tenant is not served; its open
    payments and refunds are still completed. `clock_offset_seconds` moves the tenant's time ahead, outside production
    only. The change takes effect in this process at once, and in others within two seconds.
    """
    is_production = context.service(Settings).is_production
    registry.must_be_public(body.domains or (), is_production=is_production)

    async def effect(tx: Transaction) -> StoredResponse:
        tenant = await registry.get(tx)
        must_match(context, tenant.version)
        changed = await registry.change(tx, tenant, body.changes(), clock_may_move=not is_production)
        return json_response(TenantView.of(changed), ETag=f'"{changed.version}"')

    sent = await (await _in_tenant(context, tenant_id)).write(effect)
    await context.service(Directory).refresh()
    return sent


@router.operation("GET", "/rate-limits", permission=READ_LIMITS, response_model=RateLimitsView)
async def list_rate_limits(context: CurrentContext) -> Response:
    """List the rate limits of the installation. Super admins only."""
    limits = await replace(context, tenant=PLATFORM).transaction(rate_limits.list_limits)
    scale = context.service(Settings).limits.scale
    return response(json_response(RateLimitsView(data=[RateLimitView.of(limit, scale=scale) for limit in limits])))


@router.operation(
    "PATCH",
    "/rate-limits/{limit}",
    permission=CHANGE_LIMITS,
    response_model=RateLimitView,
    errors=(RateLimitUnknown, TenantChangedMeanwhile, PreconditionFailed),
)
async def change_rate_limit(limit: LimitName, body: RateLimitPatch, context: CurrentContext) -> Response:
    """Change a rate limit of the installation while it runs.

    Super admins only. The limit counts the requests of one caller, an account or an address, to all tenants. `null`
    returns to the default. The change takes effect in this process at once, and in others within two seconds.
    """

    async def effect(tx: Transaction) -> StoredResponse:
        current = await rate_limits.get_limit(tx, limit)
        must_match(context, current.version)
        changed = rate_limits.change_limit(tx, current, requests_per_minute=body.requests_per_minute)
        view = RateLimitView.of(changed, scale=context.service(Settings).limits.scale)
        return json_response(view, ETag=f'"{changed.version}"')

    sent = await replace(context, tenant=PLATFORM).write(effect)
    await context.service(Directory).refresh()
    return sent


async def _in_tenant(context: RequestContext, tenant_id: UUID) -> RequestContext:
    """Return the context in a tenant.

    Raises:
        TenantUnknown: it does not exist, or the caller belongs to another tenant and is not a super admin.
    """
    if not context.principal.is_super_admin and tenant_id != context.tenant.id:
        raise TenantUnknown
    tenant = await context.service(Directory).tenant(tenant_id)
    if tenant is None:
        raise TenantUnknown
    return replace(context, tenant=tenant.tenancy)
