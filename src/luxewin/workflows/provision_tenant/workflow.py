"""How a tenant is made: in one commit, in a transaction of that tenant; then its webhook endpoints are subscribed."""

from collections.abc import Sequence
from uuid import uuid5

import structlog

from luxewin.kit.access import Principal
from luxewin.kit.database import Database
from luxewin.kit.idempotency import Key
from luxewin.kit.ids import new_id
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction
from luxewin.modules.inventory import public as inventory
from luxewin.modules.payments import public as payments
from luxewin.modules.payments.public import EndpointSecrets, Gateways, GatewayUnavailable, NewEndpoint
from luxewin.modules.shipping import public as shipping
from luxewin.modules.tenants import public as tenants
from luxewin.modules.tenants.public import PLATFORM, Tenant
from luxewin.workflows.provision_tenant.schemas import NewTenant

log = structlog.get_logger("provision_tenant")


def place_for(key: Key | None, new: NewTenant) -> Tenancy:
    """Return the tenancy that a new tenant is made in.

    With an idempotency key, the id is derived from the key: the key's row belongs to the new tenant, so a second
    request with the key finds the response of the first one there.
    """
    id = new_id() if key is None else uuid5(PLATFORM.id, f"{key.principal}\n{key.route}\n{key.key}")
    return Tenancy(id=id, slug=new.slug, currency=new.currency)


async def provision_tenant(
    database: Database,
    gateways: Gateways,
    endpoint_secrets: EndpointSecrets,
    new: NewTenant,
    *,
    principal: Principal,
) -> Tenant:
    """Make a tenant from within the program: the demo's shops, the default one.

    Raises:
        SlugTaken, DomainTaken: another tenant has the name.
    """
    place = place_for(None, new)

    async def effect(tx: Transaction) -> tuple[Tenant, list[NewEndpoint]]:
        return await provision(tx, new), open_endpoints(tx, gateways, endpoint_secrets)

    tenant, endpoints = await database.run(place, principal, effect)
    await subscribe(gateways, place, endpoints)
    return tenant


async def provision(tx: Transaction, new: NewTenant) -> Tenant:
    """Make the tenant of the transaction: its registry row, one place for stock, one way to ship.

    Raises:
        SlugTaken, DomainTaken: another tenant has the name; known at the flush.
    """
    tenant = await tenants.create(
        tx,
        id=tx.tenant_id,
        slug=new.slug,
        name=new.name,
        currency=new.currency,
        locale=new.locale,
        domains=new.domains,
        settings=new.settings,
    )
    tx.write(inventory.create_default_location(tx), shipping.create_default(tx, new.currency))
    return tenant


def open_endpoints(tx: Transaction, gateways: Gateways, endpoint_secrets: EndpointSecrets) -> list[NewEndpoint]:
    """Open a webhook endpoint in the tenant of the transaction for every gateway that is subscribed by API."""
    names = [name for name in gateways if gateways.named(name).subscribes_by_api]
    return [payments.open_endpoint(tx, endpoint_secrets, gateway=name) for name in names]


async def subscribe(gateways: Gateways, tenant: Tenancy, endpoints: Sequence[NewEndpoint]) -> None:
    """Subscribe the endpoints at their gateways, after they are committed.

    If a gateway is unavailable, the tenant is provisioned all the same: the worker looks up what no webhook reports,
    and staff can open another endpoint.
    """
    for endpoint in endpoints:
        try:
            await gateways.named(endpoint.gateway).subscribe(
                str(tenant.id), endpoint_id=endpoint.id, secret=endpoint.secret, headers={"X-Tenant": tenant.slug}
            )
        except GatewayUnavailable:
            log.warning(
                "the webhook endpoint was not subscribed: the gateway is unavailable",
                gateway=endpoint.gateway,
                tenant=tenant.slug,
                endpoint_id=str(endpoint.id),
            )
