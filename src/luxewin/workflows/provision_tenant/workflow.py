"""How a tenant is made: in one commit, in a transaction of the tenant that it makes; then its gateway is told."""

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

SIMULATOR = "simulator"
log = structlog.get_logger("provision_tenant")


def place_for(key: Key | None, new: NewTenant) -> Tenancy:
    """Return the tenancy that a new tenant is made in.

    Its id derives from the idempotency key where there is one: the key's row stands in the tenant that it made, so a
    second request with the key looks there and finds the first one's answer.
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

    async def effect(tx: Transaction) -> tuple[Tenant, NewEndpoint | None]:
        return await provision(tx, new), open_simulator(tx, gateways, endpoint_secrets)

    tenant, endpoint = await database.run(place, principal, effect)
    if endpoint is not None:
        await tell_simulator(gateways, place, endpoint)
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


def open_simulator(tx: Transaction, gateways: Gateways, endpoint_secrets: EndpointSecrets) -> NewEndpoint | None:
    """Open the simulator's endpoint for webhooks in the tenant of the transaction, where a simulator is offered."""
    if SIMULATOR not in gateways:
        return None
    return payments.open_endpoint(tx, endpoint_secrets, gateway=SIMULATOR)


async def tell_simulator(gateways: Gateways, tenant: Tenancy, endpoint: NewEndpoint) -> None:
    """Tell the simulator where its events go, once the endpoint is committed.

    A simulator that does not answer costs no tenant: what it did not tell is looked up by the sweeps, and staff can
    open another endpoint.
    """
    try:
        await gateways.named(SIMULATOR).subscribe(
            str(tenant.id), endpoint_id=endpoint.id, secret=endpoint.secret, headers={"X-Tenant": tenant.slug}
        )
    except GatewayUnavailable:
        log.warning("the simulator was not told of its endpoint", tenant=tenant.slug, endpoint_id=str(endpoint.id))
