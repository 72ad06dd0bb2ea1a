"""Tables of the registry. They belong to the installation; a tenant's transaction sees only its own rows."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from luxewin.kit.roles import APP_ROLE, SYSTEM_ROLE
from luxewin.kit.schema import TENANT_IS_SET, metadata, timestamp
from luxewin.modules.tenants.domain import PLATFORM

_IN_PLATFORM = f"{TENANT_IS_SET.partition(' = ')[2]} = '{PLATFORM.id}'"


def _row_security(table: str, *, own: str, name: str = "tenant") -> list[str]:
    return [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY {name} ON {table} TO {APP_ROLE} USING ({own}) WITH CHECK ({own})",
        f"CREATE POLICY every_tenant ON {table} FOR SELECT TO {SYSTEM_ROLE} USING (true)",
    ]


registry = Table(
    "tenants_registry",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("slug", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("locale", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("clock_offset_seconds", BigInteger, nullable=False),
    Column("settings", JSONB, nullable=False),
    Column("version", BigInteger, nullable=False),
    timestamp("created_at"),
    timestamp("updated_at"),
    CheckConstraint("status IN ('active', 'suspended')", name="status"),
    CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
    CheckConstraint("clock_offset_seconds >= 0", name="clock_runs_ahead_only"),
    CheckConstraint("jsonb_typeof(settings) = 'object'", name="settings"),
    CheckConstraint("version > 0", name="version"),
    info={
        "app": "SELECT, INSERT, UPDATE (name, locale, status, clock_offset_seconds, settings, version, updated_at)",
        "system": "SELECT",
        "also": _row_security("tenants_registry", own=TENANT_IS_SET.replace("tenant_id", "id", 1)),
    },
)

domains = Table(
    "tenants_domains",
    metadata,
    Column("domain", Text, primary_key=True),
    Column("tenant", Uuid, ForeignKey("tenants_registry.id"), nullable=False),
    Index("tenants_domains_tenant_idx", "tenant"),
    info={
        "app": "SELECT, INSERT, DELETE",
        "system": "SELECT",
        "also": _row_security("tenants_domains", own=TENANT_IS_SET.replace("tenant_id", "tenant", 1)),
    },
)

rate_limits = Table(
    "tenants_rate_limits",
    metadata,
    Column("name", Text, primary_key=True),
    Column("requests_per_minute", BigInteger),
    Column("version", BigInteger, nullable=False),
    CheckConstraint("requests_per_minute > 0", name="requests_per_minute"),
    CheckConstraint("version > 0", name="version"),
    info={
        "app": "SELECT, INSERT, UPDATE",
        "system": "SELECT",
        "also": _row_security("tenants_rate_limits", own=_IN_PLATFORM, name="platform"),
    },
)
