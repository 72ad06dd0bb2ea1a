"""The directory: every tenant of the installation, in memory, at most two seconds old.

Each request asks it whose shop it enters, so it answers without a query: it looks again in the background once half of
its time is over, so that nobody waits for that while there are requests. Where the database is away it keeps answering
from what it knew: cached pages go on, and everything that needs the database refuses by itself.
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
_LOOK_AGAIN_SECONDS = FRESH_SECONDS / 2


class Directory:
    """Finds tenants by slug, domain and id. Suspended ones are not served, yet listed for whoever ends their flows."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known = Known.of((), revision=-1)
        self._fresh_until = 0.0
        self._looking_again: asyncio.Task[None] | None = None
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
        """Return everybody whose events, sweeps and laws there are: every tenant, and the platform."""
        return [PLATFORM, *(tenant.tenancy for tenant in await self.tenants())]

    async def refresh(self) -> None:
        """Read the registry again now, for a change that this process has just committed."""
        async with self._reloading:
            await self._load()

    def at_hand(self) -> "Known | None":
        """Return the tenants if what is known is fresh, without asking anybody; looks again in the background."""
        left_seconds = self._fresh_until - time.monotonic()
        if left_seconds <= 0:
            return None
        if left_seconds < _LOOK_AGAIN_SECONDS and (self._looking_again is None or self._looking_again.done()):
            self._looking_again = asyncio.create_task(self._look_again(left_seconds=_LOOK_AGAIN_SECONDS))
        return self._known

    async def current(self) -> "Known":
        """Return the tenants, asked for anew where what is known is too old."""
        known = self.at_hand()
        if known is None:
            await self._look_again(left_seconds=0)
        return known or self._known

    async def _look_again(self, *, left_seconds: float) -> None:
        async with self._reloading:
            if self._fresh_until - time.monotonic() <= left_seconds:
                await self._load_if_possible()

    async def _load_if_possible(self) -> None:
        try:
            await self._load()
        except Unavailable:
            if self._known.revision < 0:
                raise
            self._fresh_until = time.monotonic() + FRESH_SECONDS

    async def _load(self) -> None:
        async with self._database.system() as connection:
            known = await _read(connection, self._known)
        self._known, self._fresh_until = known, time.monotonic() + FRESH_SECONDS


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the registry at one revision: every tenant by id, and those that are served by name and host."""

    revision: int
    tenants: Mapping[UUID, Tenant]
    served: Mapping[str, Tenancy]
    hosts: Mapping[str, Tenancy | None]

    @classmethod
    def of(cls, tenants: Sequence[Tenant], *, revision: int) -> Self:
        """Put tenants in order for whoever looks for one."""
        served = {tenant.slug: tenant.tenancy for tenant in tenants if tenant.is_served}
        hosts = {domain: served.get(tenant.slug) for tenant in tenants for domain in tenant.domains}
        return cls(revision, {tenant.id: tenant for tenant in tenants}, served, hosts)

    def by_slug(self, slug: str) -> Tenancy | None:
        """Return the served tenant with this slug."""
        return self.served.get(slug)

    def by_domain(self, domain: str) -> Tenancy | None:
        """Return the served tenant of this host name.

        Raises:
            UnknownTenant: the name belongs to a tenant that is not served; it must not show the default shop.
        """
        name = canonical_domain(domain)
        hosted = self.hosts.get(name)
        if hosted is None and name in self.hosts:
            raise UnknownTenant
        return hosted


async def _read(connection: Any, known: Known) -> Known:
    # The revision is read first: a change in between is seen late, at the next look, and never missed.
    revision = await repository.revision(connection)
    return known if revision == known.revision else Known.of(await repository.every(connection), revision=revision)
