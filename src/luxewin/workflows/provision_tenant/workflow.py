"""How a tenant is created: in one transaction of the tenant itself; then its simulator gets its endpoint."""

from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Provisioned:
    """A tenant that was created, and its endpoint for the simulator's webhooks, where a simulator is offered."""

    tenant: Tenant
    endpoint: NewEndpoint | None


def tenancy_of(key: Key | None, new: NewTenant) -> Tenancy:
    """Return the tenancy in which a new tenant is created.

    Its id derives from the idempotency key, if there is one: the key's row is stored in the new tenant, so a repeated
    request looks there, and finds the first one's response.
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
    """Create a tenant from within the program: the demo's shops, the default one.

    Raises:
        SlugTaken, DomainTaken: another tenant has the name.
    """
    tenancy = tenancy_of(None, new)
    provisioned = await database.run(
        tenancy, principal, lambda tx: provision(tx, new, gateways=gateways, endpoint_secrets=endpoint_secrets)
    )
    await subscribe_simulator(gateways, tenancy, provisioned)
    return provisioned.tenant


async def provision(
    tx: Transaction, new: NewTenant, *, gateways: Gateways, endpoint_secrets: EndpointSecrets
) -> Provisioned:
    """Create the tenant of the transaction: its registry row, one stock location, one shipping method, one endpoint.

    Raises:
        SlugTaken, DomainTaken: (at the flush) another tenant has the name.
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
    if SIMULATOR not in gateways:
        return Provisioned(tenant, None)
    return Provisioned(tenant, payments.open_endpoint(tx, endpoint_secrets, gateway=SIMULATOR))


async def subscribe_simulator(gateways: Gateways, tenancy: Tenancy, provisioned: Provisioned) -> None:
    """Give the simulator the address for its events, after the endpoint was committed.

    A simulator that does not respond does not fail the creation: events that it cannot deliver are looked up by the
    sweeps, and staff can open another endpoint.
    """
    endpoint = provisioned.endpoint
    if endpoint is None:
        return
    try:
        await gateways.named(SIMULATOR).subscribe(
            str(tenancy.id), endpoint_id=endpoint.id, secret=endpoint.secret, headers={"X-Tenant": tenancy.slug}
        )
    except GatewayUnavailable:
        log.warning("the simulator has no endpoint", tenant=tenancy.slug, endpoint_id=str(endpoint.id))
