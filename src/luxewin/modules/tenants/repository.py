"""Queries of the registry."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write, write
from luxewin.modules.tenants.domain import RateLimit, Tenant, TenantStatus
from luxewin.modules.tenants.errors import DomainTaken, SlugTaken, TenantChangedMeanwhile

_SELECT = (
    "SELECT r.id, r.slug, r.name, r.currency, r.locale, r.status, r.clock_offset_seconds, r.settings, r.version,"
    " r.created_at,"
    " ARRAY(SELECT d.domain FROM tenants_domains d WHERE d.tenant = r.id ORDER BY d.domain) AS domains"
    " FROM tenants_registry r"
)


async def find(tx: Transaction) -> Tenant | None:
    """Return the tenant of the transaction."""
    row = await tx.fetchrow(f"{_SELECT} WHERE r.id = $1", tx.tenant_id)
    return None if row is None else _tenant(row)


async def revision(connection: Any) -> int:
    """Return a number that increases with every change of a tenant or a rate limit."""
    # Rows are never deleted and versions only grow, so every change increases the sum.
    number: int = await connection.fetchval(
        "SELECT (SELECT coalesce(sum(version), 0) FROM tenants_registry)::bigint"
        " + (SELECT coalesce(sum(version), 0) FROM tenants_rate_limits)::bigint"
    )
    return number


async def all_tenants(connection: Any) -> list[Tenant]:
    """Return all tenants, by slug; needs the system's role, others see one tenant at most."""
    return [_tenant(row) for row in await connection.fetch(f"{_SELECT} ORDER BY r.slug")]


async def changed_limits(connection: Any) -> dict[str, int]:
    """Return the rate limits that differ from the settings, by name; needs the system's role."""
    rows = await connection.fetch(
        "SELECT name, requests_per_minute FROM tenants_rate_limits WHERE requests_per_minute IS NOT NULL"
    )
    return {row["name"]: row["requests_per_minute"] for row in rows}


async def rate_limits(tx: Transaction) -> dict[str, RateLimit]:
    """Return the rate limits that were ever changed, by name; the transaction must be in the platform."""
    rows = await tx.fetch("SELECT name, requests_per_minute, version FROM tenants_rate_limits")
    return {row["name"]: RateLimit(**row) for row in rows}


def store_limit(before: RateLimit, after: RateLimit) -> Write:
    """Return the write that stores the next version of a rate limit."""
    return write(
        "INSERT INTO tenants_rate_limits AS l (name, requests_per_minute, version) VALUES ($1, $2, $3)"
        " ON CONFLICT (name) DO UPDATE SET requests_per_minute = excluded.requests_per_minute,"
        " version = excluded.version WHERE l.version = $4",
        after.name,
        after.requests_per_minute,
        after.version,
        before.version,
        rows=1,
        otherwise=TenantChangedMeanwhile,
    )


def add(tenant: Tenant) -> list[Write]:
    """Return the writes that add a tenant and its domains to the registry."""
    row = write(
        "INSERT INTO tenants_registry (id, slug, name, currency, locale, status, clock_offset_seconds, settings,"
        " version, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)"
        " ON CONFLICT DO NOTHING",
        tenant.id,
        tenant.slug,
        tenant.name,
        tenant.currency,
        tenant.locale,
        tenant.status,
        _seconds(tenant.clock_offset),
        dict(tenant.settings),
        tenant.version,
        tenant.created_at,
        rows=1,
        otherwise=SlugTaken,
    )
    return [row, *_add_domains(tenant.id, tenant.domains)]


def change(before: Tenant, after: Tenant) -> list[Write]:
    """Return the writes that store the next version of a tenant."""
    row = write(
        "UPDATE tenants_registry SET name = $3, locale = $4, status = $5, clock_offset_seconds = $6, settings = $7,"
        " version = $8, updated_at = kit_now() WHERE id = $1 AND version = $2",
        before.id,
        before.version,
        after.name,
        after.locale,
        after.status,
        _seconds(after.clock_offset),
        dict(after.settings),
        after.version,
        rows=1,
        otherwise=TenantChangedMeanwhile,
    )
    removed = sorted(set(before.domains) - set(after.domains))
    added = sorted(set(after.domains) - set(before.domains))
    return [row, *_remove_domains(before.id, removed), *_add_domains(before.id, added)]


def _add_domains(tenant_id: UUID, domains: Sequence[str]) -> list[Write]:
    if not domains:
        return []
    insert = write(
        "INSERT INTO tenants_domains (domain, tenant) SELECT d.domain, $1 FROM unnest($2::text[]) AS d(domain)"
        " ORDER BY d.domain ON CONFLICT DO NOTHING",
        tenant_id,
        list(domains),
        rows=len(domains),
        otherwise=DomainTaken,
    )
    return [insert]


def _remove_domains(tenant_id: UUID, domains: Sequence[str]) -> list[Write]:
    if not domains:
        return []
    return [write("DELETE FROM tenants_domains WHERE tenant = $1 AND domain = ANY($2::text[])", tenant_id, domains)]


def _seconds(offset: timedelta) -> int:
    return round(offset.total_seconds())


def _tenant(row: Any) -> Tenant:
    return Tenant(
        id=row["id"],
        slug=row["slug"],
        name=row["name"],
        currency=row["currency"],
        locale=row["locale"],
        status=TenantStatus(row["status"]),
        clock_offset=timedelta(seconds=row["clock_offset_seconds"]),
        settings=row["settings"],
        domains=tuple(row["domains"]),
        version=row["version"],
        created_at=row["created_at"],
    )
