"""POST /tenants."""

from dataclasses import replace

from starlette.responses import Response

from luxewin.kit.access import installation
from luxewin.kit.http.context import CurrentContext, answer
from luxewin.kit.http.routing import Router
from luxewin.kit.idempotency import StoredAnswer
from luxewin.kit.transaction import Transaction
from luxewin.modules.payments.public import EndpointSecrets, Gateways, NewEndpoint
from luxewin.modules.tenants.public import Directory, DomainTaken, SlugTaken, TenantView
from luxewin.workflows.provision_tenant.schemas import NewTenant
from luxewin.workflows.provision_tenant.workflow import open_endpoints, place_for, provision, subscribe

router = Router("tenants")
PROVISION_TENANT = installation("tenants.provision")


@router.operation(
    "POST",
    "/tenants",
    permission=PROVISION_TENANT,
    answers=TenantView,
    status=201,
    refuses=(SlugTaken, DomainTaken),
)
async def provision_tenant(body: NewTenant, context: CurrentContext) -> Response:
    """Make a tenant with all that it needs to take a first order.

    Installation administrators only. It comes with one stock location, one flat shipping rate and a webhook endpoint
    for each payment gateway that is subscribed by API. This process serves it immediately, others within two seconds.
    """
    place = place_for(context.key, body)
    gateways, endpoint_secrets = context.service(Gateways), context.service(EndpointSecrets)
    opened: dict[bytes, list[NewEndpoint]] = {}

    async def effect(tx: Transaction) -> StoredAnswer:
        tenant = await provision(tx, body)
        made = answer(TenantView.of(tenant), status=201, ETag=f'"{tenant.version}"')
        opened[made.body] = open_endpoints(tx, gateways, endpoint_secrets)
        return made

    sent = await replace(context, tenant=place).write(effect)
    if not context.is_dry_run:
        # Only the answer that was committed has opened an endpoint: not a lost try's, and not one that is replayed.
        await subscribe(gateways, place, opened.get(bytes(sent.body), []))
        await context.service(Directory).refresh()
    return sent
