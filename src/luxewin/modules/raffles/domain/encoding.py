"""How values are written before they are hashed or signed: RFC 8785 for JSON, big-endian for numbers."""

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import rfc8785

Json = Mapping[str, Any]


def u64be(number: int) -> bytes:
    """Return a whole number from 0 to 2^64 - 1 as 8 bytes, the highest first.

    Raises:
        OverflowError: the number is outside of that range.
    """
    return number.to_bytes(8, "big")


def sha256(*parts: bytes) -> bytes:
    """Return SHA-256 of the parts, one behind the other: 32 bytes."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.digest()


def canonical(document: Json) -> bytes:
    """Return the document as RFC 8785 writes it, so that equal documents are equal bytes."""
    return rfc8785.dumps(dict(document))


def hash_of(document: Json) -> bytes:
    """Return SHA-256 of the document's canonical form: 32 bytes."""
    return sha256(canonical(document))


def holder_tag(raffle_id: UUID, entrant_id: UUID) -> bytes:
    """Return what stands for an entrant within one raffle, and links to no other raffle: 32 bytes."""
    return sha256(b"LW1/holder", raffle_id.bytes, entrant_id.bytes)


def commitment(*, salt: bytes, tag: bytes) -> bytes:
    """Return what is published of a ticket: it binds the holder and shows nobody who that is; 32 bytes."""
    return sha256(b"LW1/commit", salt, tag)
