"""An answer in bytes, and the HTTP around it: entity tag, freshness, and 304 for whoever has it already."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any

from starlette.responses import Response

from luxewin.modules.storefront.service.shaping import written

_OVERHEAD_BYTES = 1000
_TAG_CHARACTERS = 24
READING = frozenset({"GET", "HEAD"})


@dataclass(frozen=True)
class Rendered:
    """An answer in bytes with its headers."""

    body: bytes
    headers: Mapping[str, str]

    @classmethod
    def of(cls, value: Any, *, version: int | None = None, public: bool = True) -> "Rendered":
        """Render an answer; the entity tag begins with the object's version where it has one, for `If-Match`.

        A public answer is the same for everybody: caches may keep it if they ask each time whether it still holds.
        """
        body = written(value)
        digest = sha256(body).hexdigest()[:_TAG_CHARACTERS]
        return cls(
            body,
            {
                "etag": f'"{digest}"' if version is None else f'"{version}-{digest}"',
                "cache-control": "public, max-age=0, must-revalidate" if public else "private, no-store",
                "vary": "Host, X-Tenant",
                "content-type": "application/json",
                "content-length": str(len(body)),
            },
        )

    @property
    def size_bytes(self) -> int:
        """The memory that the answer takes, about."""
        return len(self.body) + _OVERHEAD_BYTES

    def answer(self, method: str, headers: Mapping[str, str]) -> Response:
        """Return what goes out to this request."""
        known = headers.get("if-none-match")
        if known is not None and _names(known, self.headers["etag"]):
            return self._unchanged
        return self._head if method == "HEAD" else self._full

    @cached_property
    def _full(self) -> Response:
        return Response(self.body, headers=self.headers)

    @property
    def _head(self) -> Response:
        return Response(headers=self.headers)

    @property
    def _unchanged(self) -> Response:
        kept = {name: self.headers[name] for name in ("etag", "cache-control", "vary")}
        return Response(status_code=304, headers=kept)


def _names(known: str, tag: str) -> bool:
    """Tell whether `If-None-Match` names the tag; the comparison is weak, as RFC 9110 wants it."""
    return known.strip() == "*" or tag in {item.strip().removeprefix("W/") for item in known.split(",")}
