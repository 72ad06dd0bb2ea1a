"""Domain events of tenants."""

from dataclasses import dataclass
from typing import ClassVar

from luxewin.kit.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantProvisioned(DomainEvent):
    """A tenant was created, with everything that it needs for a first order."""

    type: ClassVar[str] = "tenants.tenant_provisioned"

    slug: str
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantChanged(DomainEvent):
    """A tenant's name, domains, settings, status or clock changed."""

    type: ClassVar[str] = "tenants.tenant_changed"

    status: str
    clock_offset_seconds: int
