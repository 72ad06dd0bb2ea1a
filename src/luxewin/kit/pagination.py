"""Cursor pagination: a cursor is a keyset position, signed with tenant, route, sort and filters of its list."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from typing import Any, Generic, TypeVar
from uuid import UUID

import orjson
from pydantic import BaseModel

from luxewin.kit.errors import InvalidInput

T = TypeVar("T")
DEFAULT_LIMIT = 24
LARGEST_LIMIT = 100
_SIGNATURE_BYTES = 16


class Page(BaseModel, Generic[T]):
    """A page of a list; `next_cursor` is null on the last one."""

    data: list[T]
    next_cursor: str | None = None


class InvalidCursor(InvalidInput):
    """The cursor does not belong to this list."""

    code = "request.invalid_cursor"
    title = "The cursor does not belong to this list; start again without a cursor"


class Cursors:
    """Signs and verifies cursors, with a key that is derived from the master key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def sign(self, position: Sequence[Any], *, tenant_id: UUID, listing: str) -> str:
        """Return the cursor of a position, which is the sort values of the last row of a page."""
        body = orjson.dumps(list(position), default=str)
        return base64.urlsafe_b64encode(self._signature(body, tenant_id, listing) + body).decode().rstrip("=")

    def read(self, cursor: str, *, tenant_id: UUID, listing: str) -> list[Any]:
        """Return the position of a cursor.

        Raises:
            InvalidCursor: it was altered, or belongs to another tenant, route, sort or filter.
        """
        try:
            raw = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        except (binascii.Error, UnicodeEncodeError) as error:
            raise InvalidCursor from error
        signature, body = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, self._signature(body, tenant_id, listing)):
            raise InvalidCursor
        position: list[Any] = orjson.loads(body)
        return position

    def _signature(self, body: bytes, tenant_id: UUID, listing: str) -> bytes:
        scope = orjson.dumps([str(tenant_id), listing])
        return hmac.new(self._key, scope + b"\0" + body, hashlib.sha256).digest()[:_SIGNATURE_BYTES]
