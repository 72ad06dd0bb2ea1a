"""Identifiers: UUIDv7, so that new rows are appended to the end of an index. No code may rely on their order."""

from uuid import UUID

import uuid_utils


def new_id() -> UUID:
    """Return a new UUIDv7 as `uuid.UUID`."""
    return UUID(int=uuid_utils.uuid7().int)


def new_request_id() -> str:
    """Return a new UUIDv7 as text; every request needs one, and this is much faster than `str(new_id())`."""
    return str(uuid_utils.uuid7())
