"""Tenants and their changes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from luxewin.kit.tenancy import Tenancy

PLATFORM = Tenancy(id=UUID("00000000-0000-7000-8000-000000000001"), slug="platform", currency="USD")
"""The tenancy of the super admins' accounts. It is not a shop, and has no slug or domain."""

RESERVED_SLUGS = frozenset({PLATFORM.slug, "admin", "api", "www"})
"""Slugs that could be mistaken for the installation itself."""

_PRIVATE_TOP_LEVELS = frozenset({"localhost", "localdomain", "invalid"})

FURTHEST_CLOCK = timedelta(days=3660)
"""The largest offset of a test clock: ten years, so that no computed date is out of range."""

Setting = bool | int | str


class TenantStatus(StrEnum):
    """The status of a tenant. A suspended one is not served; its open payments and refunds are completed."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """A shop of the installation. Its currency and slug cannot change: amounts and addresses depend on them."""

    id: UUID
    slug: str
    name: str
    currency: str
    locale: str
    status: TenantStatus
    clock_offset: timedelta
    settings: Mapping[str, Setting]
    domains: tuple[str, ...]
    version: int
    created_at: datetime

    @property
    def tenancy(self) -> Tenancy:
        """The tenant's tenancy for transactions."""
        return Tenancy(
            id=self.id, slug=self.slug, currency=self.currency, locale=self.locale, clock_offset=self.clock_offset
        )

    @property
    def is_served(self) -> bool:
        """True if requests to the tenant are served."""
        return self.status is TenantStatus.ACTIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantChange:
    """Changes to a tenant; None leaves a value as it is."""

    name: str | None = None
    locale: str | None = None
    status: TenantStatus | None = None
    clock_offset: timedelta | None = None
    settings: Mapping[str, Setting] | None = None
    domains: tuple[str, ...] | None = None

    def applied_to(self, tenant: Tenant) -> Tenant:
        """Return the changed tenant with the next version."""
        return replace(
            tenant,
            name=tenant.name if self.name is None else self.name,
            locale=tenant.locale if self.locale is None else self.locale,
            status=tenant.status if self.status is None else self.status,
            clock_offset=tenant.clock_offset if self.clock_offset is None else self.clock_offset,
            settings=tenant.settings if self.settings is None else self.settings,
            domains=tenant.domains if self.domains is None else tuple(sorted(set(self.domains))),
            version=tenant.version + 1,
        )


def canonical_domain(text: str) -> str:
    """Return a host name in the form in which it is stored and looked up."""
    return text.strip().rstrip(".").lower()


def find_private_domain(domains: Iterable[str]) -> str | None:
    """Return the first domain that only this machine can reach, or None: in production no visitor could open it."""
    return next((domain for domain in domains if domain.rpartition(".")[2] in _PRIVATE_TOP_LEVELS), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """A rate limit of the installation: requests per minute of one caller, None for the default of the settings."""

    name: str
    requests_per_minute: int | None
    version: int
