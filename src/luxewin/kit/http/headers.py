"""A request's headers, bounded; a header that authorises or routes a request must occur at most once."""

from collections.abc import Collection, Iterable, MutableMapping
from typing import Any

from luxewin.kit.errors import InvalidInput

MOST_HEADERS = 100
LARGEST_HEADERS_BYTES = 32 << 10
SINGLE_VALUE_HEADERS = frozenset({
    b"authorization",
    b"content-length",
    b"content-type",
    b"host",
    b"idempotency-key",
    b"if-match",
    b"x-tenant",
})  # fmt: skip
"""If one of these occurred twice, this program and a proxy could use different values."""


class HeadersTooLarge(InvalidInput):
    """There are too many headers, or they are too long."""

    code = "request.headers_too_large"
    title = "The request has too many or too long headers"


def header_of(scope: MutableMapping[str, Any], name: bytes) -> str:
    """Return the first header of a request with this lower-case name; empty if it is missing."""
    return next((value.decode("latin-1") for known, value in scope["headers"] if known == name), "")


def read_headers(
    scope: MutableMapping[str, Any], single_value: Collection[bytes] = SINGLE_VALUE_HEADERS
) -> dict[str, str]:
    """Return the headers by their lower-case names; blanks around a value are not part of it (RFC 9110, 5.5).

    The values of a repeated header are joined with a comma, in their order (RFC 9110, 5.3).

    Raises:
        HeadersTooLarge: more than 100, or more than 32 KiB.
        InvalidInput: one of `single_value` occurs twice.
    """
    pairs: Iterable[tuple[bytes, bytes]] = scope["headers"]
    headers: dict[str, str] = {}
    seen: set[bytes] = set()
    size_bytes = 0
    for count, (name, value) in enumerate(pairs, start=1):
        size_bytes += len(name) + len(value)
        if count > MOST_HEADERS or size_bytes > LARGEST_HEADERS_BYTES:
            raise HeadersTooLarge
        if name in seen and name in single_value:
            raise InvalidInput(f"The header {name.decode('latin-1')} must be given once")
        text = value.decode("latin-1").strip(" \t")
        headers[name.decode("latin-1")] = f"{headers[name.decode('latin-1')]}, {text}" if name in seen else text
        seen.add(name)
    return headers
