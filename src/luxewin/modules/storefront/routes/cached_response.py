"""Responses that can be cached: bytes with an entity tag, and 304 for clients that already have them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any

from starlette.responses import Response

from luxewin.kit.http.entity_tags import matches_weakly
from luxewin.modules.storefront.service.serialising import to_json

_OVERHEAD_BYTES = 1000
_TAG_CHARACTERS = 24


@dataclass(frozen=True)
class CachedResponse:
    """A response as bytes, with its headers."""

    body: bytes
    headers: Mapping[str, str]

    @classmethod
    def of(cls, value: Any, *, state: str | None = None, public: bool = True) -> "CachedResponse":
        """Serialise a value; the entity tag begins with the state of the object, if it has one, for `If-Match`.

        A public response is the same for everybody: caches may store it if they revalidate it each time.
        """
        body = to_json(value)
        digest = sha256(body).hexdigest()[:_TAG_CHARACTERS]
        return cls(
            body,
            {
                "etag": f'"{digest}"' if state is None else f'"{state}-{digest}"',
                "cache-control": "public, max-age=0, must-revalidate" if public else "private, no-store",
                "vary": "Host, X-Tenant",
                "content-type": "application/json",
                "content-length": str(len(body)),
            },
        )

    @property
    def size_bytes(self) -> int:
        """The approximate memory size."""
        return len(self.body) + _OVERHEAD_BYTES

    def answer(self, method: str, headers: Mapping[str, str]) -> Response:
        """Return the response to a request with this method and these headers."""
        tags = headers.get("if-none-match")
        if tags is not None and matches_weakly(tags, self.headers["etag"]):
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
        headers = {name: self.headers[name] for name in ("etag", "cache-control", "vary")}
        return Response(status_code=304, headers=headers)
