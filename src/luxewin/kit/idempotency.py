"""Idempotency: one effect per tenant, caller, route and key; a repeated request gets the response of the first.

The response is stored in the transaction of the effect. Two simultaneous first requests conflict on the primary key:
the transaction of the second one fails, is retried, and then finds the response of the first.
"""

import hashlib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from uuid import UUID

import asyncpg

from luxewin.kit.errors import Conflict, InvalidInput, KeyReused
from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write, write

T = TypeVar("T")
LONGEST_KEY = 255
LEASE_SECONDS = 30


class InFlight(Conflict):
    """Another request with the same key has not finished yet; its response can be replayed soon."""

    code = "idempotency.in_flight"
    title = "Another request with this Idempotency-Key is still in progress; try again shortly"


@dataclass(frozen=True, slots=True)
class Key:
    """A caller's idempotency key with its scope, and the hash of the request that it was sent with."""

    principal: str
    route: str
    key: str
    body_hash: bytes


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """A response as bytes, sent the first time and replayed later."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Intent:
    """A workflow's claim of a key: `id` is the same on every attempt; `resumed` if there was an earlier attempt."""

    id: UUID
    resumed: bool


@dataclass(frozen=True, slots=True)
class Completed:
    """A workflow that has finished: the id of its intent, and the response that was stored with its last step."""

    intent_id: UUID
    response: StoredResponse


@dataclass(frozen=True, slots=True)
class Performed(Generic[T]):
    """An effect that was taken by this request: its result, and the response that presents it."""

    value: T
    response: StoredResponse


def parse_key(text: str) -> str:
    """Return a key after checking its form: 1 to 255 visible ASCII characters."""
    if not 1 <= len(text) <= LONGEST_KEY or not all(" " < character <= "~" for character in text):
        raise InvalidInput(f"Idempotency-Key must be 1 to {LONGEST_KEY} visible ASCII characters")
    return text


def body_hash(*parts: bytes) -> bytes:
    """Return the hash that two equal requests share: of method, path and body."""
    return body_hash_of_chunks(*parts[:-1], size=len(parts[-1]), chunks=parts[-1:])


def body_hash_of_chunks(*parts: bytes, size: int, chunks: Iterable[bytes]) -> bytes:
    """Return the same hash for a last part that arrives in chunks, `size` bytes in total."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    digest.update(size.to_bytes(8, "big"))
    for chunk in chunks:
        digest.update(chunk)
    return digest.digest()


async def find_response(tx: Transaction, key: Key) -> StoredResponse | None:
    """Return the stored response, or None; the transaction gets its time in the same round trip.

    Raises:
        KeyReused: the key was sent before with another request.
        InFlight: a workflow holds the key's lease.
    """
    row = await _find(tx, key)
    if row is None or row["status"] is None:
        return None
    if row["status"] == "in_flight":
        raise InFlight(retry_after_seconds=1)
    return _response(row)


async def claim(tx: Transaction, key: Key) -> Intent | Completed:
    """Claim the key for a workflow of several transactions, or return its completion.

    The claim is a lease: once it has expired, a later request with the key resumes the same intent.

    Raises:
        KeyReused: the key was sent before with another request.
        InFlight: another request holds the lease.
    """
    row = await _find(tx, key)
    if row is not None and row["status"] == "done":
        return Completed(row["intent_id"], _response(row))
    if row is not None and row["status"] == "in_flight":
        if row["leased"]:
            raise InFlight(retry_after_seconds=1)
        tx.write(_renew_lease(tx, key))
        return Intent(row["intent_id"], resumed=True)
    intent = Intent(new_id(), resumed=False)
    tx.write(_add_lease(tx, key, intent))
    return intent


def store(tx: Transaction, key: Key, response: StoredResponse) -> Write:
    """Return the write that stores a response with its effect: completes a claimed key, or inserts a new one."""
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
        response.status,
        dict(response.headers),
        response.body,
        rows=1,
        otherwise=_CompletedMeanwhile,
    )


async def perform_once(
    tx: Transaction,
    key: Key | None,
    effect: Callable[[Transaction], Awaitable[T]],
    present: Callable[[T], StoredResponse],
) -> Performed[T] | StoredResponse:
    """Take effect and store the response that presents it, in one transaction; or return the response stored before."""
    before = None if key is None else await find_response(tx, key)
    if before is not None:
        return before
    value = await effect(tx)
    performed = Performed(value, present(value))
    if key is not None:
        tx.write(store(tx, key, performed.response))
    return performed


class _CompletedMeanwhile(Conflict):
    """Another request with the key finished first; the next attempt replays its response."""

    code = InFlight.code
    title = InFlight.title
    retriable = True


async def _find(tx: Transaction, key: Key) -> asyncpg.Record | None:
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


def _response(row: Any) -> StoredResponse:
    return StoredResponse(row["answer_status"], row["answer_body"], row["answer_headers"] or {})


def _add_lease(tx: Transaction, key: Key, intent: Intent) -> Write:
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


def _renew_lease(tx: Transaction, key: Key) -> Write:
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
