"""POST /tenants."""

from dataclasses import replace

from starlette.responses import Response

from luxewin.kit.access import installation
from luxewin.kit.http.context import CurrentContext, json_response, response
from luxewin.kit.http.routing import Router
from luxewin.kit.idempotency import Performed, StoredResponse
from luxewin.kit.settings import Settings
from luxewin.modules.payments.public import EndpointSecrets, Gateways
from luxewin.modules.tenants.public import (
    Directory,
    DomainNotPublic,
    DomainTaken,
    SlugTaken,
    TenantView,
    must_be_public,
)
from luxewin.workflows.provision_tenant.schemas import NewTenant
from luxewin.workflows.provision_tenant.workflow import Provisioned, provision, subscribe, tenancy_of

router = Router("tenants")
PROVISION_TENANT = installation("tenants.provision")


@router.operation(
    "POST",
    "/tenants",
    permission=PROVISION_TENANT,
    response_model=TenantView,
    status=201,
    errors=(SlugTaken, DomainTaken, DomainNotPublic),
)
async def provision_tenant(body: NewTenant, context: CurrentContext) -> Response:
    """Create a tenant with everything that it needs for a first order.

    Installation administrators only. The tenant has one stock location, one flat shipping rate and a webhook endpoint
    for each payment gateway that is subscribed by API. This process serves it immediately, other processes within two
    seconds.
    """
    must_be_public(body.domains, is_production=context.service(Settings).is_production)
    tenancy = tenancy_of(context.key, body)
    gateways, endpoint_secrets = context.service(Gateways), context.service(EndpointSecrets)
    performed = await replace(context, tenant=tenancy).perform(
        lambda tx: provision(tx, body, gateways=gateways, endpoint_secrets=endpoint_secrets), _present
    )
    if not isinstance(performed, Performed):
        await context.service(Directory).refresh()
        return response(performed)
    if not context.is_dry_run:
        await subscribe(gateways, tenancy, performed.value)
        await context.service(Directory).refresh()
    return response(performed.response)


def _present(provisioned: Provisioned) -> StoredResponse:
    tenant = provisioned.tenant
    return json_response(TenantView.of(tenant), status=201, ETag=f'"{tenant.version}"')
