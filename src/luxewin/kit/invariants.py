"""Invariants: queries that return no row while a statement is true; run periodically, after tests, and on demand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from luxewin.kit import sealing
from luxewin.kit.database import Database
from luxewin.kit.roles import LOGIN_ROLES, SEARCH_ROLE
from luxewin.kit.sealing import PROOF_TIMEOUT_SECONDS, Chain

Invariants = Mapping[str, str]
"""Statements about the data, each with the query whose rows violate it; run as the system's role.

`$1`, if the query has it, is the tenant to check, or null for all tenants.
"""


@dataclass(frozen=True, slots=True)
class Violation:
    """A row that violates an invariant."""

    statement: str
    row: Mapping[str, Any]


async def violations(
    database: Database, invariants: Invariants, *, tenant_id: UUID | None = None, statement_seconds: float = 0
) -> list[Violation]:
    """Return the first row that violates each invariant; 0 means no statement timeout.

    Raises:
        Unavailable: a query took longer than `statement_seconds`.
    """
    found = []
    async with database.system() as connection:
        await connection.execute(f"SET LOCAL statement_timeout = {round(statement_seconds * 1000)}")
        for statement, query in invariants.items():
            parameters = [tenant_id] if "$1" in query else []
            row = await connection.fetchrow(
                f"SELECT * FROM ({query}) AS violation LIMIT 1", *parameters, timeout=PROOF_TIMEOUT_SECONDS
            )
            if row is not None:
                found.append(Violation(statement, exact(row)))
    return found


def exact(row: Any) -> dict[str, Any]:
    """Return a row with decimals, the type of PostgreSQL's sums, as integers."""
    return {name: int(value) if isinstance(value, Decimal) else value for name, value in row.items()}


async def find_broken_seal_of(database: Database, statement: str, chain: Chain) -> list[Violation]:
    """Recompute a hash chain, and return the first row of each tenant whose seal is wrong."""
    async with database.system() as connection:
        await connection.execute("SET LOCAL statement_timeout = 0")
        broken = await sealing.find_broken_seals(connection, chain)
    return [
        Violation(statement, {"tenant_id": seal.tenant_id, "seal_number": seal.seal_number, "id": seal.row_id})
        for seal in broken
    ]


_OWN_TABLES = (
    "SELECT c.oid, c.oid::regclass::text AS name, c.relrowsecurity, c.relforcerowsecurity, c.relowner FROM pg_class c"
    " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')"
)


def kit_invariants(append_only: Sequence[str], login_roles: Mapping[str, str] = LOGIN_ROLES) -> Invariants:
    """Return the invariants of the kit and of the whole schema.

    `append_only` are the modules' tables that the application may only add rows to; `login_roles` are the group roles
    of all login roles, by their purpose.
    """
    groups = _quote_names((*login_roles.values(), SEARCH_ROLE))
    logins = ", ".join(f"current_database() || '_{purpose}_login'" for purpose in login_roles)
    tables = _quote_names(append_only)
    return {
        "The event log of a tenant is numbered 1, 2, 3 … without a gap": (
            "SELECT tenant_id, max(sequence) AS last, count(*) AS events FROM kit_event_log GROUP BY tenant_id"
            " HAVING max(sequence) <> count(*)"
        ),
        "The events of one aggregate are in the log in the order of its versions": (
            "SELECT * FROM (SELECT tenant_id, aggregate_id, sequence, aggregate_version, lag(aggregate_version) OVER"
            " (PARTITION BY tenant_id, aggregate_id ORDER BY sequence) AS before FROM kit_event_log) AS e"
            " WHERE before > aggregate_version"
        ),
        "No event stays unpublished for more than 60 seconds": (
            "SELECT tenant_id, id, type, stored_at FROM kit_outbox WHERE stored_at < now() - interval '60 seconds'"
        ),
        "Every event has been handled by every listener": (
            "SELECT tenant_id, listener, sequence, error FROM kit_parked_events"
        ),
        "Every table with a tenant has row-level security, enabled and forced": (
            f"SELECT t.name FROM ({_OWN_TABLES}) AS t WHERE EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = t.oid"
            " AND a.attname = 'tenant_id' AND NOT a.attisdropped) AND NOT (t.relrowsecurity AND t.relforcerowsecurity)"
        ),
        "The application's roles own no table, are no superusers, and cannot bypass row-level security": (
            f"SELECT r.rolname FROM pg_roles r WHERE (r.rolname IN ({groups}) OR r.rolname IN ({logins}))"
            " AND (r.rolsuper OR r.rolbypassrls OR r.rolcreaterole"
            f" OR EXISTS (SELECT FROM ({_OWN_TABLES}) AS t WHERE t.relowner = r.oid))"
        ),
        "Every foreign key and every unique key of a tenant's table includes the tenant": (
            f"SELECT t.name, k.conname FROM ({_OWN_TABLES}) AS t JOIN pg_constraint k ON k.conrelid = t.oid"
            " JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = 'tenant_id'"
            " WHERE k.contype IN ('p', 'u', 'f') AND NOT a.attnum = ANY (k.conkey)"
        ),
        "The application cannot change or delete rows of append-only tables": (
            f"SELECT t.name, p.privilege FROM ({_OWN_TABLES}) AS t"
            f" CROSS JOIN (VALUES ('UPDATE'), ('DELETE'), ('TRUNCATE')) AS p(privilege)"
            f" WHERE t.name = ANY (ARRAY[{tables}]::text[])"
            " AND has_table_privilege('luxewin_app', t.oid, p.privilege)"
        ),
    }


def _quote_names(names: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
