"""Make, read and change a tenant, in a transaction of that tenant."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from luxewin.kit.errors import InvalidInput
from luxewin.kit.transaction import Transaction
from luxewin.modules.tenants import repository
from luxewin.modules.tenants.domain import (
    FURTHEST_CLOCK,
    RESERVED_SLUGS,
    Setting,
    Tenant,
    TenantChange,
    TenantStatus,
    canonical_domain,
)
from luxewin.modules.tenants.errors import ClockFixed, SlugTaken, TenantUnknown
from luxewin.modules.tenants.events import TenantChanged, TenantProvisioned


async def create(
    tx: Transaction,
    *,
    id: UUID,
    slug: str,
    name: str,
    currency: str,
    locale: str = "en",
    domains: Sequence[str] = (),
    settings: Mapping[str, Setting] | None = None,
) -> Tenant:
    """Put a tenant into the registry; the transaction runs as the new tenant.

    Raises:
        SlugTaken, DomainTaken: another tenant has the name. The slug is refused at the flush.
    """
    assert id == tx.tenant_id, "a tenant is made in its own transaction, or row-level security refuses the row"
    if slug in RESERVED_SLUGS:
        raise SlugTaken
    tenant = Tenant(
        id=id,
        slug=slug,
        name=name,
        currency=currency,
        locale=locale,
        status=TenantStatus.ACTIVE,
        clock_offset=timedelta(0),
        settings=dict(settings or {}),
        domains=tuple(sorted({canonical_domain(domain) for domain in domains})),
        version=1,
        created_at=await tx.now(),
    )
    tx.write(*repository.add(tenant))
    tx.publish(TenantProvisioned(aggregate_id=id, aggregate_version=1, slug=slug, currency=currency))
    tx.audit("tenants.provision", target=id, after=_told(tenant))
    return tenant


async def get(tx: Transaction) -> Tenant:
    """Return the tenant of the transaction.

    Raises:
        TenantUnknown: it is not in the registry.
    """
    tenant = await repository.find(tx)
    if tenant is None:
        raise TenantUnknown
    return tenant


async def change(tx: Transaction, tenant: Tenant, changes: TenantChange, *, clock_may_move: bool) -> Tenant:
    """Change a tenant that was read in this transaction; return it as it is afterwards.

    Raises:
        ClockFixed: the clock is to be moved where people buy for real.
        DomainTaken: a domain is another tenant's. Refused at the flush.
        TenantChangedMeanwhile: somebody else was first. Refused at the flush.
    """
    if changes.clock_offset is not None and changes.clock_offset != tenant.clock_offset:
        _must_be_sane(changes.clock_offset, clock_may_move=clock_may_move)
    after = changes.applied_to(tenant)
    tx.write(*repository.change(tenant, after))
    tx.publish(
        TenantChanged(
            aggregate_id=tenant.id,
            aggregate_version=after.version,
            status=after.status,
            clock_offset_seconds=round(after.clock_offset.total_seconds()),
        )
    )
    tx.audit("tenants.change", target=tenant.id, before=_told(tenant), after=_told(after))
    return after


def _must_be_sane(offset: timedelta, *, clock_may_move: bool) -> None:
    if not clock_may_move:
        raise ClockFixed(pointer="/clock_offset_seconds")
    if not timedelta(0) <= offset <= FURTHEST_CLOCK:
        raise InvalidInput(
            f"A test clock runs at most {FURTHEST_CLOCK.days} days ahead", pointer="/clock_offset_seconds"
        )


def _told(tenant: Tenant) -> dict[str, object]:
    return {
        "slug": tenant.slug,
        "name": tenant.name,
        "currency": tenant.currency,
        "locale": tenant.locale,
        "status": tenant.status,
        "clock_offset_seconds": round(tenant.clock_offset.total_seconds()),
        "settings": dict(tenant.settings),
        "domains": tenant.domains,
        "version": tenant.version,
    }
