"""Raffles, their prizes and their rules."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from luxewin.kit.money import Money
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write, write
from luxewin.modules.raffles.domain.encoding import Json, hash_of
from luxewin.modules.raffles.domain.raffles import Counts, Prize, Raffle, RaffleStatus, SkillQuestion, Terms
from luxewin.modules.raffles.errors import RaffleChanged

_RAFFLES = (
    "SELECT r.id, r.title, r.description, r.status, r.currency, r.ticket_price_minor, r.capacity, r.per_person_limit,"
    " r.one_prize_per_person, r.reserve_winners, r.closes_at, r.closes_when_sold_out, r.draw_delay_seconds,"
    " r.minimum_age, r.territories, r.free_entry, r.skill_question, r.skill_answer_hash, r.created_at,"
    " r.version, r.claim_days, r.with_anchor, c.sold, c.held, c.voided, kit_now() AS now,"
    " (SELECT jsonb_agg(jsonb_build_array(p.name, p.value_minor, p.variant_id, p.order_id) ORDER BY p.position)"
    " FROM raffles_prizes p WHERE p.tenant_id = r.tenant_id AND p.raffle_id = r.id) AS prizes"
    " FROM raffles_raffles r LEFT JOIN raffles_counters c ON c.tenant_id = r.tenant_id AND c.raffle_id = r.id"
)


async def find(tx: Transaction, raffle_ids: Sequence[UUID]) -> dict[UUID, Raffle]:
    """Return raffles by id, and set the transaction's time from the same query."""
    rows = await tx.fetch(f"{_RAFFLES} WHERE r.tenant_id = $1 AND r.id = ANY($2::uuid[])", tx.tenant_id, raffle_ids)
    if rows:
        tx.set_now(rows[0]["now"])
    return {row["id"]: _raffle(row) for row in rows}


async def page(
    tx: Transaction, *, statuses: Sequence[RaffleStatus], before: tuple[datetime, UUID] | None, limit: int
) -> list[Raffle]:
    """Return a page of raffles in these statuses, newest first."""
    parameters: list[Any] = [tx.tenant_id, list(statuses), limit]
    condition = ""
    if before is not None:
        parameters.extend(before)
        condition = " AND (r.created_at, r.id) < ($4::timestamptz, $5::uuid)"
    rows = await tx.fetch(
        f"{_RAFFLES} WHERE r.tenant_id = $1 AND r.status = ANY($2::text[]){condition}"
        " ORDER BY r.created_at DESC, r.id DESC LIMIT $3",
        *parameters,
    )
    return [_raffle(row) for row in rows]


def add(tx: Transaction, raffle: Raffle) -> list[Write]:
    """Return the writes that store a new draft."""
    return [
        write(
            "INSERT INTO raffles_raffles (tenant_id, id, status, created_at, updated_at, version, title, description,"
            " currency, ticket_price_minor, capacity, per_person_limit, one_prize_per_person, reserve_winners,"
            " closes_at, closes_when_sold_out, draw_delay_seconds, minimum_age, territories, free_entry,"
            " skill_question, skill_answer_hash, claim_days, with_anchor) VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8,"
            " $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)",
            tx.tenant_id,
            raffle.id,
            raffle.status,
            raffle.created_at,
            raffle.version,
            *_columns(raffle.terms),
        ),
        add_prizes(tx, raffle.id, raffle.terms.prizes),
    ]


def replace(tx: Transaction, raffle: Raffle, terms: Terms) -> Write:
    """Return the write that replaces the terms of a draft, except its prizes."""
    return write(
        "UPDATE raffles_raffles SET version = version + 1, updated_at = kit_now(), title = $4, description = $5,"
        " currency = $6, ticket_price_minor = $7, capacity = $8, per_person_limit = $9, one_prize_per_person = $10,"
        " reserve_winners = $11, closes_at = $12, closes_when_sold_out = $13, draw_delay_seconds = $14,"
        " minimum_age = $15, territories = $16, free_entry = $17, skill_question = $18, skill_answer_hash = $19,"
        " claim_days = $20, with_anchor = $21"
        " WHERE tenant_id = $1 AND id = $2 AND version = $3 AND status = 'draft'",
        tx.tenant_id,
        raffle.id,
        raffle.version,
        *_columns(terms),
        rows=1,
        otherwise=RaffleChanged,
    )


def remove_prizes(tx: Transaction, raffle_id: UUID) -> Write:
    """Return the write that removes the prizes of a draft."""
    return write("DELETE FROM raffles_prizes WHERE tenant_id = $1 AND raffle_id = $2", tx.tenant_id, raffle_id)


def add_prizes(tx: Transaction, raffle_id: UUID, prizes: Sequence[Prize]) -> Write:
    """Return the write that adds prizes, in this order."""
    return write(
        "INSERT INTO raffles_prizes (tenant_id, raffle_id, position, name, value_minor, variant_id, order_id)"
        " SELECT $1, $2, p.position, p.name, p.value_minor, p.variant_id, p.order_id"
        " FROM unnest($3::text[], $4::bigint[], $5::uuid[], $6::uuid[])"
        " WITH ORDINALITY AS p(name, value_minor, variant_id, order_id, position)",
        tx.tenant_id,
        raffle_id,
        [prize.name for prize in prizes],
        [prize.value.minor if prize.value else None for prize in prizes],
        [prize.variant_id for prize in prizes],
        [prize.order_id for prize in prizes],
    )


def transition(tx: Transaction, raffle: Raffle, to: RaffleStatus) -> Write:
    """Return the write that changes the status of a raffle; it fails if the raffle has changed since it was read.

    Raises:
        RaffleStateForbids: the transition is not allowed.
    """
    return write(
        "UPDATE raffles_raffles SET status = $3, version = version + 1, updated_at = kit_now()"
        " WHERE tenant_id = $1 AND id = $2 AND version = $4 AND status = $5",
        tx.tenant_id,
        raffle.id,
        raffle.next_status(to),
        raffle.version,
        raffle.status,
        rows=1,
        otherwise=RaffleChanged,
    )


def reschedule(tx: Transaction, raffle: Raffle, closes_at: datetime) -> Write:
    """Return the write that changes the closing time of an open raffle."""
    return write(
        "UPDATE raffles_raffles SET closes_at = $4, version = version + 1, updated_at = kit_now()"
        " WHERE tenant_id = $1 AND id = $2 AND version = $3 AND status = 'open'",
        tx.tenant_id,
        raffle.id,
        raffle.version,
        closes_at,
        rows=1,
        otherwise=RaffleChanged,
    )


async def lock_row(tx: Transaction, raffle_id: UUID) -> None:
    """Lock a raffle's row until the transaction ends."""
    await tx.execute(
        "SELECT FROM raffles_raffles WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE", tx.tenant_id, raffle_id
    )


def touch(tx: Transaction, raffle: Raffle) -> Write:
    """Return the write that increments a raffle's version, so that one of two concurrent decisions about it fails."""
    return write(
        "UPDATE raffles_raffles SET version = version + 1, updated_at = kit_now()"
        " WHERE tenant_id = $1 AND id = $2 AND version = $3 AND status = $4",
        tx.tenant_id,
        raffle.id,
        raffle.version,
        raffle.status,
        rows=1,
        otherwise=RaffleChanged,
    )


def add_rules(tx: Transaction, raffle_id: UUID, rules: Json) -> Write:
    """Return the write that stores a version of the rules."""
    return write(
        "INSERT INTO raffles_rules (tenant_id, raffle_id, rules_version, document, hash, frozen_at)"
        " VALUES ($1, $2, $3, $4, $5, kit_now())",
        tx.tenant_id,
        raffle_id,
        rules["version"],
        orjson.dumps(rules).decode(),
        hash_of(rules),
    )


async def rules_of(tx: Transaction, raffle_ids: Sequence[UUID]) -> dict[UUID, list[Json]]:
    """Return all versions of the rules of raffles, oldest first, by raffle id."""
    rows = await tx.fetch(
        "SELECT raffle_id, document FROM raffles_rules WHERE tenant_id = $1 AND raffle_id = ANY($2::uuid[])"
        " ORDER BY raffle_id, rules_version",
        tx.tenant_id,
        raffle_ids,
    )
    versions: dict[UUID, list[Json]] = {raffle_id: [] for raffle_id in raffle_ids}
    for row in rows:
        versions[row["raffle_id"]].append(orjson.loads(row["document"]))
    return versions


async def newest_key(tx: Transaction) -> bytes | None:
    """Return the tenant's newest public key, if it has one."""
    key: bytes | None = await tx.fetchval(
        "SELECT public_key FROM raffles_signing_keys WHERE tenant_id = $1 ORDER BY created_at DESC, public_key LIMIT 1",
        tx.tenant_id,
    )
    return key


async def sealed_key(tx: Transaction, public_key: bytes) -> bytes:
    """Return the sealed private key of a public key."""
    sealed: bytes = await tx.fetchval(
        "SELECT sealed_private_key FROM raffles_signing_keys WHERE tenant_id = $1 AND public_key = $2",
        tx.tenant_id,
        public_key,
    )
    return sealed


def add_key(tx: Transaction, *, public_key: bytes, sealed_private_key: bytes) -> Write:
    """Return the write that stores a signing key."""
    return write(
        "INSERT INTO raffles_signing_keys (tenant_id, public_key, sealed_private_key, created_at)"
        " VALUES ($1, $2, $3, kit_now())",
        tx.tenant_id,
        public_key,
        sealed_private_key,
    )


def _columns(terms: Terms) -> tuple[Any, ...]:
    return (
        terms.title,
        terms.description,
        terms.ticket_price.currency,
        terms.ticket_price.minor,
        terms.capacity,
        terms.per_person_limit,
        terms.one_prize_per_person,
        terms.reserve_winners,
        terms.closes_at,
        terms.closes_when_sold_out,
        terms.draw_delay_seconds,
        terms.minimum_age,
        list(terms.territories) if terms.territories is not None else None,
        terms.free_entry,
        terms.skill.question if terms.skill else None,
        terms.skill.answer_hash if terms.skill else None,
        terms.claim_days,
        terms.with_anchor,
    )


def _prize(currency: str, name: str, minor: int | None, variant_id: str | None, order_id: str | None) -> Prize:
    return Prize(
        name,
        None if minor is None else Money(minor, currency),
        UUID(variant_id) if variant_id else None,
        UUID(order_id) if order_id else None,
    )


def _raffle(row: Any) -> Raffle:
    currency = row["currency"]
    terms = Terms(
        title=row["title"],
        description=row["description"],
        ticket_price=Money(row["ticket_price_minor"], currency),
        capacity=row["capacity"],
        per_person_limit=row["per_person_limit"],
        one_prize_per_person=row["one_prize_per_person"],
        prizes=[_prize(currency, *prize) for prize in row["prizes"]],
        reserve_winners=row["reserve_winners"],
        closes_at=row["closes_at"],
        closes_when_sold_out=row["closes_when_sold_out"],
        draw_delay_seconds=row["draw_delay_seconds"],
        minimum_age=row["minimum_age"],
        territories=row["territories"],
        free_entry=row["free_entry"],
        skill=SkillQuestion(row["skill_question"], row["skill_answer_hash"]) if row["skill_question"] else None,
        claim_days=row["claim_days"],
        with_anchor=row["with_anchor"],
    )
    counts = Counts() if row["sold"] is None else Counts(row["sold"], row["held"], row["voided"])
    return Raffle(
        id=row["id"],
        status=RaffleStatus(row["status"]),
        terms=terms,
        counts=counts,
        created_at=row["created_at"],
        version=row["version"],
    )
