"""Create, read and change a tenant, in a transaction of that tenant."""

from collections.abc import Iterable, Mapping, Sequence
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
    find_private_domain,
)
from luxewin.modules.tenants.errors import ClockFixed, DomainNotPublic, SlugTaken, TenantUnknown
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
    """Create a tenant; the transaction must be in the new tenant.

    Raises:
        SlugTaken, DomainTaken: another tenant has the slug or a domain. Raised at the flush, except for reserved slugs.
    """
    assert id == tx.tenant_id, "row-level security requires a transaction of the new tenant"
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
    tx.audit("tenants.provision", target=id, after=_audited_fields(tenant))
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


async def settings_of(tx: Transaction) -> Mapping[str, Setting]:
    """Return the settings of the transaction's tenant; none for one that is not in the registry."""
    tenant = await repository.find(tx)
    return {} if tenant is None else tenant.settings


async def change(tx: Transaction, tenant: Tenant, changes: TenantChange, *, clock_may_move: bool) -> Tenant:
    """Change a tenant that was read in this transaction; return the changed tenant.

    Raises:
        ClockFixed: the clock of a production installation would move.
        DomainTaken: (at the flush) a domain belongs to another tenant.
        TenantChangedMeanwhile: (at the flush) another transaction changed the tenant first.
    """
    if changes.clock_offset is not None and changes.clock_offset != tenant.clock_offset:
        _check_clock(changes.clock_offset, clock_may_move=clock_may_move)
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
    tx.audit("tenants.change", target=tenant.id, before=_audited_fields(tenant), after=_audited_fields(after))
    return after


def _check_clock(offset: timedelta, *, clock_may_move: bool) -> None:
    if not clock_may_move:
        raise ClockFixed(pointer="/clock_offset_seconds")
    if not timedelta(0) <= offset <= FURTHEST_CLOCK:
        raise InvalidInput(
            f"The test clock can be 0 to {FURTHEST_CLOCK.days} days ahead, got {offset}",
            pointer="/clock_offset_seconds",
        )


def _audited_fields(tenant: Tenant) -> dict[str, object]:
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


def must_be_public(domains: Iterable[str], *, is_production: bool) -> None:
    """Check the domains that a tenant is to have.

    Raises:
        DomainNotPublic: one of them is private, and this is a production installation.
    """
    private = find_private_domain(domains) if is_production else None
    if private is not None:
        raise DomainNotPublic(f"`domains` must not contain `{private}` in production", pointer="/domains")
