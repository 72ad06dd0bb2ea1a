"""The directory: all tenants of the installation, cached in memory for at most two seconds.

Every request finds its tenant in it, without a query. The cache is reloaded in the background after half of its time,
so that no request waits while there is traffic. A name that is not cached is looked up anew, so that a tenant is
served as soon as it exists. If the database is unavailable, the directory returns the last known
tenants: cached pages are still served, and requests that need the database fail.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from luxewin.kit.database import Database
from luxewin.kit.errors import Unavailable
from luxewin.kit.tenancy import Tenancy, UnknownTenant
from luxewin.modules.tenants import repository
from luxewin.modules.tenants.domain import PLATFORM, Tenant, canonical_domain

FRESH_SECONDS = 2.0
_RELOAD_SECONDS = FRESH_SECONDS / 2


class Directory:
    """Finds tenants by slug, domain and id. Suspended ones are not served, but listed, so that jobs run for them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._index = TenantIndex.of((), {}, revision=-1)
        self._fresh_until = 0.0
        self._read_began = 0.0
        self._reload_task: asyncio.Task[None] | None = None
        self._reloading = asyncio.Lock()

    async def by_slug(self, slug: str) -> Tenancy | None:
        """Return the served tenant with this slug."""
        return (await self.current()).by_slug(slug)

    async def by_domain(self, domain: str) -> Tenancy | None:
        """Return the served tenant of this host name.

        Raises:
            UnknownTenant: the name belongs to a tenant that is not served.
        """
        return (await self.current()).by_domain(domain)

    async def by_id(self, tenant_id: UUID) -> Tenancy | None:
        """Return the served tenant with this id, or the platform."""
        if tenant_id == PLATFORM.id:
            return PLATFORM
        tenant = await self.tenant(tenant_id)
        return tenant.tenancy if tenant is not None and tenant.is_served else None

    async def tenant(self, tenant_id: UUID) -> Tenant | None:
        """Return the tenant with this id, served or suspended."""
        return (await self.current()).tenants.get(tenant_id)

    async def tenants(self) -> Sequence[Tenant]:
        """Return every tenant, by slug."""
        return tuple((await self.current()).tenants.values())

    async def all(self) -> list[Tenancy]:
        """Return the tenancies that have events, jobs and invariants: every tenant, and the platform."""
        return [PLATFORM, *(tenant.tenancy for tenant in await self.tenants())]

    def changed_limits(self) -> Mapping[str, int]:
        """Return the rate limits that super admins have changed, by name: as of two seconds ago at most, in traffic."""
        return self._index.changed_limits

    async def refresh(self) -> None:
        """Reload the registry now, after this process has committed a change."""
        async with self._reloading:
            await self._load()

    def cached(self) -> "TenantIndex | None":
        """Return the cached tenants, None if they are too old; starts a reload in the background before that."""
        left_seconds = self._fresh_until - time.monotonic()
        if left_seconds <= 0:
            return None
        if left_seconds < _RELOAD_SECONDS and (self._reload_task is None or self._reload_task.done()):
            self._reload_task = asyncio.create_task(self._reload_if_older(left_seconds=_RELOAD_SECONDS))
        return self._index

    async def current(self) -> "TenantIndex":
        """Return the tenants, reloaded if the cached ones are too old."""
        cached = self.cached()
        if cached is None:
            await self._reload_if_older(left_seconds=0)
        return cached or self._index

    async def reloaded(self) -> "TenantIndex":
        """Return the tenants, read after this call; simultaneous calls share one read."""
        called = time.monotonic()
        async with self._reloading:
            if self._read_began < called:
                await self._load_if_possible()
        return self._index

    async def _reload_if_older(self, *, left_seconds: float) -> None:
        async with self._reloading:
            if self._fresh_until - time.monotonic() <= left_seconds:
                await self._load_if_possible()

    async def _load_if_possible(self) -> None:
        try:
            await self._load()
        except Unavailable:
            if self._index.revision < 0:
                raise
            self._fresh_until = time.monotonic() + FRESH_SECONDS

    async def _load(self) -> None:
        self._read_began = time.monotonic()
        async with self._database.system() as connection:
            index = await _read(connection, self._index)
        self._index, self._fresh_until = index, time.monotonic() + FRESH_SECONDS


@dataclass(frozen=True, slots=True)
class TenantIndex:
    """The registry at one revision: every tenant by id, the served ones by slug and host name; changed rate limits."""

    revision: int
    tenants: Mapping[UUID, Tenant]
    served: Mapping[str, Tenancy]
    hosts: Mapping[str, Tenancy | None]
    changed_limits: Mapping[str, int]

    @classmethod
    def of(cls, tenants: Sequence[Tenant], changed_limits: Mapping[str, int], *, revision: int) -> Self:
        """Build the index of tenants and rate limits."""
        served = {tenant.slug: tenant.tenancy for tenant in tenants if tenant.is_served}
        hosts = {domain: served.get(tenant.slug) for tenant in tenants for domain in tenant.domains}
        return cls(revision, {tenant.id: tenant for tenant in tenants}, served, hosts, changed_limits)

    def by_slug(self, slug: str) -> Tenancy | None:
        """Return the served tenant with this slug."""
        return self.served.get(slug)

    def by_domain(self, domain: str) -> Tenancy | None:
        """Return the served tenant of this host name.

        Raises:
            UnknownTenant: the name belongs to a tenant that is not served; the default shop must not appear there.
        """
        name = canonical_domain(domain)
        hosted = self.hosts.get(name)
        if hosted is None and name in self.hosts:
            raise UnknownTenant
        return hosted


async def _read(connection: Any, current: TenantIndex) -> TenantIndex:
    # The revision is read first: a change between the two queries is found by the next reload, and never missed.
    revision = await repository.revision(connection)
    if revision == current.revision:
        return current
    tenants, limits = await repository.all_tenants(connection), await repository.changed_limits(connection)
    return TenantIndex.of(tenants, limits, revision=revision)
