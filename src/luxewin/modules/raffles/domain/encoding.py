"""The encoding of values that are hashed or signed: RFC 8785 for JSON, big-endian for numbers."""

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import rfc8785

Json = Mapping[str, Any]


def u64be(number: int) -> bytes:
    """Return an integer from 0 to 2^64 - 1 as 8 bytes, big-endian.

    Raises:
        OverflowError: the number is outside that range.
    """
    return number.to_bytes(8, "big")


def sha256(*parts: bytes) -> bytes:
    """Return SHA-256 of the concatenated parts: 32 bytes."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.digest()


def canonical(document: Json) -> bytes:
    """Return the document in the canonical form of RFC 8785: equal documents give equal bytes."""
    return rfc8785.dumps(dict(document))


def hash_of(document: Json) -> bytes:
    """Return SHA-256 of the document's canonical form: 32 bytes."""
    return sha256(canonical(document))


def holder_tag(raffle_id: UUID, entrant_id: UUID) -> bytes:
    """Return the pseudonym of an entrant in one raffle, 32 bytes; it differs in every other raffle."""
    return sha256(b"LW1/holder", raffle_id.bytes, entrant_id.bytes)


def commitment(*, salt: bytes, tag: bytes) -> bytes:
    """Return the published commitment of a ticket, 32 bytes: it binds the holder without revealing who that is."""
    return sha256(b"LW1/commit", salt, tag)
