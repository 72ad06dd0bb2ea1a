"""The declarations, limits and exclusions of participants."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from luxewin.kit.ids import new_id
from luxewin.kit.money import Money
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write, write
from luxewin.modules.raffles.domain.responsible_gaming import ExclusionKind, Participant, Period, SpendLimit
from luxewin.modules.raffles.errors import BirthDeclared


async def participant(tx: Transaction, user_id: UUID, *, hashes: Sequence[bytes]) -> Participant:
    """Return a participant; `hashes` identify them in the lists of exclusions and of accounts."""
    row = await tx.fetchrow(
        "WITH hashes AS (SELECT unnest($3::bytea[]) AS person_hash UNION SELECT h.person_hash FROM raffles_persons h"
        " WHERE h.tenant_id = $1 AND h.entrant_id = $2),"
        " entrants AS (SELECT $2::uuid AS id UNION SELECT o.entrant_id FROM raffles_persons o"
        " JOIN hashes USING (person_hash) WHERE o.tenant_id = $1)"
        " SELECT p.born_on, p.territory, (SELECT max(e.ends_at) FROM raffles_exclusions e JOIN hashes"
        " USING (person_hash) WHERE e.tenant_id = $1 AND e.ends_at > kit_now()) AS excluded_until,"
        " (SELECT array_agg(ROW(l.period, l.currency, l.amount_minor, l.holds_from)) FROM raffles_limits l"
        " JOIN entrants ON entrants.id = l.user_id WHERE l.tenant_id = $1) AS limits,"
        " (SELECT array_agg(id) FROM entrants) AS entrants"
        " FROM (SELECT 1) AS one LEFT JOIN raffles_players p ON p.tenant_id = $1 AND p.user_id = $2",
        tx.tenant_id,
        user_id,
        list(hashes),
    )
    assert row is not None, "a left join to one row has a row"
    limits = [
        SpendLimit(Period(period), None if minor is None else Money(minor, currency), holds_from)
        for period, currency, minor, holds_from in row["limits"] or ()
    ]
    return Participant(
        born_on=row["born_on"],
        territory=row["territory"],
        limits=limits,
        excluded_until=row["excluded_until"],
        entrants=row["entrants"],
    )


def link_account(tx: Transaction, user_id: UUID, person_hash: bytes) -> Write:
    """Return the write that records an account of a person.

    It locks the person until the commit, so that concurrent purchases check their limits one after the other, also
    those of different accounts.
    """
    return write(
        "INSERT INTO raffles_persons (tenant_id, person_hash, entrant_id)"
        " SELECT $1, $2, $3 FROM pg_advisory_xact_lock($4) ON CONFLICT DO NOTHING",
        tx.tenant_id,
        person_hash,
        user_id,
        int.from_bytes(person_hash[:8], "big", signed=True),
    )


async def spent_within(tx: Transaction, entrants: Sequence[UUID], length: timedelta) -> int:
    """Return the total of a person's pending and paid purchases in the period that ends now, in minor units."""
    total = await tx.fetchval(
        "SELECT coalesce(sum(amount_minor), 0) FROM raffles_purchases WHERE tenant_id = $1"
        " AND entrant_id = ANY($2::uuid[]) AND created_at > kit_now() - $3::interval AND status IN ('pending', 'paid')",
        tx.tenant_id,
        list(entrants),
        length,
    )
    return int(total)


def declare(tx: Transaction, user_id: UUID, *, born_on: date | None, territory: str | None) -> Write:
    """Return the write that stores a participant's declaration; a date of birth can be declared only once."""
    return write(
        "INSERT INTO raffles_players AS p (tenant_id, user_id, born_on, territory, updated_at)"
        " VALUES ($1, $2, $3, $4, kit_now()) ON CONFLICT (tenant_id, user_id) DO UPDATE"
        " SET born_on = coalesce(p.born_on, excluded.born_on), territory = coalesce(excluded.territory, p.territory),"
        " updated_at = kit_now() WHERE p.born_on IS NULL OR excluded.born_on IS NULL"
        " OR p.born_on = excluded.born_on",
        tx.tenant_id,
        user_id,
        born_on,
        territory,
        rows=1,
        otherwise=BirthDeclared,
    )


async def current_time(tx: Transaction) -> datetime:
    """Return the tenant's current time, not the time at the start of the transaction."""
    now: datetime = await tx.fetchval("SELECT kit_now() - now() + clock_timestamp()")
    return now


def withdraw_pending(tx: Transaction, entrants: Sequence[UUID], period: Period, *, now: datetime) -> Write:
    """Return the write that deletes the limits of a period that do not apply yet."""
    return write(
        "DELETE FROM raffles_limits"
        " WHERE tenant_id = $1 AND user_id = ANY($2::uuid[]) AND period = $3 AND holds_from > $4",
        tx.tenant_id,
        list(entrants),
        period,
        now,
    )


def add_limit(tx: Transaction, user_id: UUID, limit: SpendLimit, *, currency: str) -> Write:
    """Return the write that adds a limit; earlier limits stay stored."""
    return write(
        "INSERT INTO raffles_limits (tenant_id, id, user_id, period, currency, amount_minor, holds_from)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        tx.tenant_id,
        new_id(),
        user_id,
        limit.period,
        currency,
        limit.amount.minor if limit.amount else None,
        limit.holds_from,
    )


def exclude(
    tx: Transaction, hashes: Sequence[bytes], kind: ExclusionKind, *, begun_at: datetime, ends_at: datetime
) -> Write:
    """Return the write that excludes the person with these hashes."""
    return write(
        "INSERT INTO raffles_exclusions (tenant_id, person_hash, kind, begun_at, ends_at)"
        " SELECT $1, h.person_hash, $3, $4, $5 FROM unnest($2::bytea[]) AS h(person_hash) ON CONFLICT DO NOTHING",
        tx.tenant_id,
        list(hashes),
        kind,
        begun_at,
        ends_at,
    )
