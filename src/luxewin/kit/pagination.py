"""Keyset pagination: pages of a list, and signed cursors that are valid for one list of one tenant only."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar, overload
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from luxewin.kit.errors import InvalidInput

T = TypeVar("T")
K = TypeVar("K")
A = TypeVar("A")
B = TypeVar("B")
Row = TypeVar("Row")

DEFAULT_LIMIT = 24
LARGEST_LIMIT = 100
_SIGNATURE_BYTES = 16


class Page(BaseModel, Generic[T]):
    """A page of a list; `next_cursor` is null on the last one."""

    # The schema of a page of something has no docstring of its own.
    model_config = ConfigDict(json_schema_extra={"description": "A page of a list; `next_cursor` is null on the last"})

    data: list[T]
    next_cursor: str | None = None


class InvalidCursor(InvalidInput):
    """The cursor does not belong to this list."""

    code = "request.invalid_cursor"
    title = "The cursor does not belong to this list; start again without a cursor"


class Cursors:
    """Signs and verifies cursors; the key derives from the installation's master key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def sign(self, position: Sequence[Any], *, tenant_id: UUID, listing: str) -> str:
        """Return the cursor of a position (the sort values of a page's last row) in a list."""
        body = orjson.dumps(list(position), default=str)
        return base64.urlsafe_b64encode(self._signature(body, tenant_id, listing) + body).decode().rstrip("=")

    def read(self, cursor: str, *, tenant_id: UUID, listing: str) -> list[Any]:
        """Return the position in a cursor, as JSON values.

        Raises:
            InvalidCursor: it was altered, or belongs to another tenant, route, sort or filter.
        """
        position: list[Any] = orjson.loads(self.verify(cursor, tenant_id=tenant_id, listing=listing))
        return position

    def verify(self, cursor: str, *, tenant_id: UUID, listing: str) -> bytes:
        """Return the position in a cursor, as a JSON array.

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
        return body

    def _signature(self, body: bytes, tenant_id: UUID, listing: str) -> bytes:
        scope = orjson.dumps([str(tenant_id), listing])
        return hmac.new(self._key, scope + b"\0" + body, hashlib.sha256).digest()[:_SIGNATURE_BYTES]


class Keyset(Generic[K]):
    """The types of the sort values of a list; together the values are unique.

    `K` is the type of a position: a single value, or a tuple of several values.
    """

    def __init__(self, *types: type[Any]) -> None:
        position: Any = tuple.__class_getitem__(types)
        self._adapter: TypeAdapter[Any] = TypeAdapter(position, config=ConfigDict(defer_build=True))
        self._is_single = len(types) == 1

    def parse(self, body: bytes) -> K:
        """Return the position in a JSON array.

        Raises:
            InvalidCursor: the number of values or the type of one is wrong.
        """
        try:
            values = self._adapter.validate_json(body, strict=True)
        except ValidationError as error:
            raise InvalidCursor from error
        position: K = values[0] if self._is_single else values
        return position

    def values(self, position: K) -> Sequence[Any]:
        """Return the values of a position."""
        return [position] if self._is_single else list(position)  # type: ignore[call-overload]  # then K is a tuple


@overload
def keyset(first: type[A], /) -> Keyset[A]: ...


@overload
def keyset(first: type[A], second: type[B], /) -> Keyset[tuple[A, B]]: ...


def keyset(*types: type[Any]) -> Keyset[Any]:
    """Return the keyset of a list that is sorted by one or two values of these types."""
    return Keyset(*types)


BY_TIME = keyset(datetime, UUID)
BY_ID = keyset(UUID)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Generic[K]):
    """A list that is read page by page.

    A cursor is valid only for the tenant and the name; so `name` holds the route, the sort and the filters.
    """

    cursors: Cursors
    tenant_id: UUID
    name: str
    keyset: Keyset[K]

    def position(self, cursor: str | None) -> K | None:
        """Return the position after which a page starts, None for the first page.

        Raises:
            InvalidCursor: the cursor was tampered with, or does not belong to this list.
        """
        if not cursor:
            return None
        return self.keyset.parse(self.cursors.verify(cursor, tenant_id=self.tenant_id, listing=self.name))

    def split(self, rows: Sequence[Row], *, limit: int, key: Callable[[Row], K]) -> tuple[Sequence[Row], str | None]:
        """Return the first `limit` rows and the cursor of the next page, None if there are no more rows.

        `rows` are the rows after the position, one more than `limit` if there are more pages.
        """
        if len(rows) <= limit:
            return rows, None
        values = self.keyset.values(key(rows[limit - 1]))
        return rows[:limit], self.cursors.sign(values, tenant_id=self.tenant_id, listing=self.name)
