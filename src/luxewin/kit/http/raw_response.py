"""An answer that was given at once, in the bytes of HTTP/1.1."""

from collections.abc import Iterable
from typing import NamedTuple, Self


class RawResponse(NamedTuple):
    """An answer in bytes: its first line and headers, without the empty line after them, and its body."""

    head: bytes
    body: bytes

    @classmethod
    def of(cls, status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> Self:
        """Write an answer down."""
        return cls(b"HTTP/1.1 %d \r\n" % status + b"".join([b"%b: %b\r\n" % header for header in headers]), body)
