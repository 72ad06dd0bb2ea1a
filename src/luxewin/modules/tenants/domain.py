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


@dataclass(frozen=True, slots=True)
class NumberSetting:
    """A setting that the program reads: a whole number between `least` and `most`."""

    default: int
    least: int
    most: int

    def accepts(self, value: Setting) -> bool:
        """Return whether a value is a whole number in the bounds."""
        return not isinstance(value, bool) and isinstance(value, int) and self.least <= value <= self.most


NUMBER_SETTINGS: Mapping[str, NumberSetting] = {
    "holds.minutes": NumberSetting(30, 1, 1440),
    "holds.limited_sale_minutes": NumberSetting(10, 1, 60),
    "holds.closing_minutes": NumberSetting(10, 1, 1440),
    "holds.free_units": NumberSetting(10, 1, 10_000),
    "holds.share_per_person": NumberSetting(20, 1, 100),
    "holds.share_per_address": NumberSetting(40, 1, 100),
    "holds.orders_per_person": NumberSetting(10, 1, 1000),
    "holds.orders_per_address": NumberSetting(50, 1, 10_000),
    "holds.unpaid_per_person": NumberSetting(20, 1, 1000),
    "holds.unpaid_per_address": NumberSetting(200, 1, 10_000),
    "holds.stuck_payment_hours": NumberSetting(24, 1, 720),
}
"""The limits of unpaid orders, described in docs/holds.md."""


def number_setting(settings: Mapping[str, Setting], name: str) -> int:
    """Return a number of the settings, or its default if it is missing or out of its bounds."""
    setting = NUMBER_SETTINGS[name]
    value = settings.get(name, setting.default)
    return int(value) if setting.accepts(value) else setting.default


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
            id=self.id,
            slug=self.slug,
            currency=self.currency,
            locale=self.locale,
            clock_offset=self.clock_offset,
            settings=self.settings,
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
