"""Idempotency: per tenant, caller, route and key there is at most one effect, and equal requests get equal answers.

The answer is stored in the commit of the effect. Two simultaneous first requests meet on the primary key: the second
one's transaction fails there, is tried again, and then finds the first one's answer.
"""

import hashlib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg

from luxewin.kit.errors import Conflict, InvalidInput, KeyReused
from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write, write

LONGEST_KEY = 255
LEASE_SECONDS = 30


class InFlight(Conflict):
    """The same key is being worked on; its answer will be there soon."""

    code = "idempotency.in_flight"
    title = "Another request with this Idempotency-Key is still in progress; try again shortly"


@dataclass(frozen=True, slots=True)
class Key:
    """A caller's idempotency key with all that it is scoped to, and the hash of the request it stands for."""

    principal: str
    route: str
    key: str
    body_hash: bytes


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An answer as it went out the first time."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Intent:
    """A workflow's claim of a key: `id` is the same each time, `resumed` says that somebody began before."""

    id: UUID
    resumed: bool


def parsed_key(text: str) -> str:
    """Check a key's form: 1 to 255 visible ASCII characters."""
    if not 1 <= len(text) <= LONGEST_KEY or not all(" " < character <= "~" for character in text):
        raise InvalidInput(f"Idempotency-Key must be 1 to {LONGEST_KEY} visible ASCII characters")
    return text


def body_hash(*parts: bytes) -> bytes:
    """Hash what makes two requests the same: method, path and body."""
    return body_hash_of_pieces(*parts[:-1], size=len(parts[-1]), pieces=parts[-1:])


def body_hash_of_pieces(*parts: bytes, size: int, pieces: Iterable[bytes]) -> bytes:
    """Hash the same where the last part is given in pieces, `size` bytes in all."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    digest.update(size.to_bytes(8, "big"))
    for piece in pieces:
        digest.update(piece)
    return digest.digest()


async def stored_answer(tx: Transaction, key: Key) -> StoredAnswer | None:
    """Return the answer given before, if any, and let the transaction know its time in the same round trip.

    Raises:
        KeyReused: the key stands for another request.
        InFlight: somebody holds the key's lease.
    """
    row = await _found(tx, key)
    if row is None or row["status"] is None:
        return None
    if row["status"] == "in_flight":
        raise InFlight(retry_after_seconds=1)
    return _answer(row)


async def claim(tx: Transaction, key: Key) -> Intent | StoredAnswer:
    """Claim the key for a workflow of several transactions, or return the answer it already has.

    The claim is a lease: when its holder dies, a later request with the key takes over the same intent.

    Raises:
        KeyReused: the key stands for another request.
        InFlight: somebody else holds the lease.
    """
    row = await _found(tx, key)
    if row is not None and row["status"] == "done":
        return _answer(row)
    if row is not None and row["status"] == "in_flight":
        if row["leased"]:
            raise InFlight(retry_after_seconds=1)
        tx.write(_lease_again(tx, key))
        return Intent(row["intent_id"], resumed=True)
    intent = Intent(new_id(), resumed=False)
    tx.write(_lease(tx, key, intent))
    return intent


def store(tx: Transaction, key: Key, answer: StoredAnswer) -> Write:
    """Return the write that stores an answer with its effect; a claimed key is completed, a fresh one inserted."""
    return write(
        "INSERT INTO kit_idempotency_keys (tenant_id, principal, route, key, body_hash, intent_id, status,"
        " answer_status, answer_headers, answer_body, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, 'done', $7, $8, $9, now())"
        " ON CONFLICT (tenant_id, principal, route, key) DO UPDATE SET status = 'done', lease_until = NULL,"
        " answer_status = excluded.answer_status, answer_headers = excluded.answer_headers,"
        " answer_body = excluded.answer_body WHERE kit_idempotency_keys.status = 'in_flight'",
        tx.tenant_id,
        key.principal,
        key.route,
        key.key,
        key.body_hash,
        new_id(),
        answer.status,
        dict(answer.headers),
        answer.body,
        rows=1,
        otherwise=_AnsweredMeanwhile,
    )


async def once(
    tx: Transaction, key: Key | None, effect: Callable[[Transaction], Awaitable[StoredAnswer]]
) -> StoredAnswer:
    """Answer from the store, or take effect and store the answer in the same transaction."""
    if key is None:
        return await effect(tx)
    before = await stored_answer(tx, key)
    if before is not None:
        return before
    answer = await effect(tx)
    tx.write(store(tx, key, answer))
    return answer


class _AnsweredMeanwhile(Conflict):
    """Another request with the key finished first; the next try replays its answer."""

    code = InFlight.code
    title = InFlight.title
    retriable = True


async def _found(tx: Transaction, key: Key) -> asyncpg.Record | None:
    row = await tx.fetchrow(
        "SELECT kit_now() AS now, k.status, k.body_hash, k.intent_id, k.lease_until > now() AS leased,"
        " k.answer_status, k.answer_headers, k.answer_body FROM (SELECT 1) AS always"
        " LEFT JOIN kit_idempotency_keys k ON k.tenant_id = $1 AND k.principal = $2 AND k.route = $3 AND k.key = $4",
        tx.tenant_id,
        key.principal,
        key.route,
        key.key,
    )
    if row is not None:
        tx.set_now(row["now"])
        if row["status"] is not None and row["body_hash"] != key.body_hash:
            raise KeyReused
    return row


def _answer(row: Any) -> StoredAnswer:
    return StoredAnswer(row["answer_status"], row["answer_body"], row["answer_headers"] or {})


def _lease(tx: Transaction, key: Key, intent: Intent) -> Write:
    return write(
        "INSERT INTO kit_idempotency_keys (tenant_id, principal, route, key, body_hash, intent_id, status,"
        " lease_until, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, 'in_flight', now() + make_interval(secs => $7), now())"
        " ON CONFLICT (tenant_id, principal, route, key) DO NOTHING",
        tx.tenant_id,
        key.principal,
        key.route,
        key.key,
        key.body_hash,
        intent.id,
        float(LEASE_SECONDS),
        rows=1,
        otherwise=InFlight(retry_after_seconds=1),
    )


def _lease_again(tx: Transaction, key: Key) -> Write:
    return write(
        "UPDATE kit_idempotency_keys SET lease_until = now() + make_interval(secs => $5)"
        " WHERE tenant_id = $1 AND principal = $2 AND route = $3 AND key = $4"
        " AND status = 'in_flight' AND lease_until <= now()",
        tx.tenant_id,
        key.principal,
        key.route,
        key.key,
        float(LEASE_SECONDS),
        rows=1,
        otherwise=InFlight(retry_after_seconds=1),
    )
