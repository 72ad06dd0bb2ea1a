"""The creation of a tenant in one transaction of its own; then its webhook endpoints are subscribed."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid5

import structlog

from luxewin.kit.access import Principal
from luxewin.kit.database import Database
from luxewin.kit.idempotency import Key
from luxewin.kit.ids import new_id
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction
from luxewin.modules.identity import public as identity
from luxewin.modules.identity.public import Role
from luxewin.modules.inventory import public as inventory
from luxewin.modules.payments import public as payments
from luxewin.modules.payments.public import EndpointSecrets, Gateways, GatewayUnavailable, NewEndpoint
from luxewin.modules.shipping import public as shipping
from luxewin.modules.tenants import public as tenants
from luxewin.modules.tenants.public import PLATFORM, Tenant
from luxewin.workflows.provision_tenant.schemas import NewTenant

log = structlog.get_logger("provision_tenant")


@dataclass(frozen=True, slots=True)
class Provisioned:
    """A new tenant and its webhook endpoints: one for each gateway that is subscribed by API."""

    tenant: Tenant
    endpoints: Sequence[NewEndpoint]


@dataclass(frozen=True, slots=True, kw_only=True)
class Administrator:
    """The first administrator of a new tenant."""

    email: str
    password_hash: str


def tenancy_of(key: Key | None, new: NewTenant) -> Tenancy:
    """Return the tenancy in which a new tenant is created.

    With an idempotency key, the id is derived from the key: the key's row belongs to the new tenant, so a second
    request with the key finds the stored response of the first request.
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
    administrator: Administrator | None = None,
) -> Tenant:
    """Create a tenant without a request, such as the demo's shops, and its administrator, in one transaction.

    Raises:
        SlugTaken, DomainTaken: another tenant has the name.
    """
    tenancy = tenancy_of(None, new)

    async def create(tx: Transaction) -> Provisioned:
        provisioned = await provision(tx, new, gateways=gateways, endpoint_secrets=endpoint_secrets)
        if administrator is not None:
            await identity.register(
                tx,
                name="First admin",
                email=administrator.email,
                password_hash=administrator.password_hash,
                role=Role.ADMIN,
            )
        return provisioned

    provisioned = await database.run(tenancy, principal, create)
    await subscribe(gateways, tenancy, provisioned)
    return provisioned.tenant


async def provision(
    tx: Transaction, new: NewTenant, *, gateways: Gateways, endpoint_secrets: EndpointSecrets
) -> Provisioned:
    """Create the tenant of the transaction: its registry row, one stock location, one shipping method, its endpoints.

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
    names = [name for name in gateways if gateways.get(name).subscribes_by_api]
    return Provisioned(tenant, [payments.open_endpoint(tx, endpoint_secrets, gateway=name) for name in names])


async def subscribe(gateways: Gateways, tenancy: Tenancy, provisioned: Provisioned) -> None:
    """Subscribe the webhook endpoints of a new tenant at their gateways, after they are committed.

    If a gateway is unavailable, the tenant is provisioned nevertheless: the worker queries payments that no webhook
    reports, and staff can open another endpoint.
    """
    for endpoint in provisioned.endpoints:
        try:
            await gateways.get(endpoint.gateway).subscribe(
                str(tenancy.id), endpoint_id=endpoint.id, secret=endpoint.secret, headers={"X-Tenant": tenancy.slug}
            )
        except GatewayUnavailable:
            log.warning(
                "the webhook endpoint was not subscribed: the gateway is unavailable",
                gateway=endpoint.gateway,
                tenant=tenancy.slug,
                endpoint_id=str(endpoint.id),
            )
