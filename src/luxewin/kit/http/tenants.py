"""The tenant of a request: the tenant of its host, or the one that it names, or the default one."""

from collections.abc import Mapping
from typing import Protocol

from luxewin.kit.tenancy import Tenancy, TenantDisagreement, UnknownTenant


class Tenants(Protocol):
    """The tenants that are served."""

    def by_slug(self, slug: str) -> Tenancy | None:
        """Return the tenant with this slug."""

    def by_domain(self, domain: str) -> Tenancy | None:
        """Return the tenant that is served under this host name.

        Raises:
            UnknownTenant: the name belongs to a tenant that is not served.
        """


class Directory(Protocol):
    """Looks up the tenants."""

    def cached(self) -> Tenants | None:
        """Return the tenants if they are cached and fresh enough."""

    async def current(self) -> Tenants:
        """Return the tenants, read again if the cached ones are too old."""

    async def reloaded(self) -> Tenants:
        """Return the tenants, read after this call."""


async def find_tenant(directory: Directory, headers: Mapping[str, str], *, default: str) -> Tenancy:
    """Return the tenant of a request, which another process may have created just now; `default` is a slug.

    Raises:
        UnknownTenant: the named tenant, or the tenant of the host, does not exist or is not served.
        TenantDisagreement: the host belongs to another tenant.
    """
    try:
        return tenant_of_request(await directory.current(), headers, default=default)
    except UnknownTenant:
        return tenant_of_request(await directory.reloaded(), headers, default=default)


def tenant_of_request(tenants: Tenants, headers: Mapping[str, str], *, default: str) -> Tenancy:
    """Return the tenant of a request with these headers; `default` is a slug.

    Raises:
        UnknownTenant: the named tenant, or the tenant of the host, does not exist or is not served.
        TenantDisagreement: the host belongs to another tenant.
    """
    named, host = headers.get("x-tenant"), headers.get("host", "")
    hosted = tenants.by_domain(host_name_of(host))
    if named is None and hosted is not None:
        return hosted
    tenant = tenants.by_slug(named or default)
    if tenant is None:
        raise UnknownTenant
    if hosted is not None and hosted.id != tenant.id:
        raise TenantDisagreement
    return tenant


def host_name_of(host: str) -> str:
    """Return the name in a `Host` header, without the port."""
    return host.rpartition(":")[0] or host
