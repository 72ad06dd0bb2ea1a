"""Identifiers: UUIDv7, so that new rows are appended to the end of an index. No code may rely on their order."""

from uuid import UUID

import uuid_utils

_ID_CHARACTERS = 36


def new_id() -> UUID:
    """Return a new UUIDv7 as `uuid.UUID`."""
    return UUID(int=uuid_utils.uuid7().int)


def id_of(text: str) -> UUID | None:
    """Return the id that a text is, in its canonical form with hyphens, or None; such a text may also be a slug."""
    if len(text) != _ID_CHARACTERS:
        return None
    try:
        return UUID(text)
    except ValueError:
        return None


def new_request_id() -> str:
    """Return a new UUIDv7 as text; every request needs one, and this is much faster than `str(new_id())`."""
    return str(uuid_utils.uuid7())
