"""Identifiers: UUIDv7, so that a new row lands at the end of its index. Nothing may rely on their order."""

from uuid import UUID

import uuid_utils


def new_id() -> UUID:
    """Return a fresh UUIDv7 of the standard library's type."""
    return UUID(int=uuid_utils.uuid7().int)


def new_request_id() -> str:
    """Return a fresh UUIDv7 as text; much cheaper than the text of `new_id`, and every request takes one."""
    return str(uuid_utils.uuid7())
