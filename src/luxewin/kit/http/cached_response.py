"""Responses that can be cached: bytes with an entity tag, compressed once, and 304 for clients that have them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256

from starlette.responses import Response

from luxewin.kit.http.compression import SMALLEST_BYTES, compress, encoding_for
from luxewin.kit.http.entity_tags import matches_weakly, tag_in_encoding

_OVERHEAD_BYTES = 1000
_TAG_CHARACTERS = 24
_HEADERS_OF_304 = ("etag", "cache-control", "vary", "content-security-policy", "access-control-allow-origin")
"""A client replaces the headers of its copy with these."""


@dataclass(frozen=True)
class CachedResponse:
    """A response as bytes, with its headers; each encoding is compressed when it is first requested."""

    body: bytes
    headers: Mapping[str, str]
    _encoded: dict[str, Response] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(
        cls, body: bytes, *, cache_control: str, vary: str = "", state: str | None = None, content_type: str
    ) -> "CachedResponse":
        """Return a response; its entity tag begins with the state of the object, if it has one, for `If-Match`."""
        digest = sha256(body).hexdigest()[:_TAG_CHARACTERS]
        return cls(
            body,
            {
                "etag": f'"{digest}"' if state is None else f'"{state}-{digest}"',
                "cache-control": cache_control,
                "vary": f"{vary}, Accept-Encoding" if vary else "Accept-Encoding",
                "content-type": content_type,
                "content-length": str(len(body)),
            },
        )

    @property
    def size_bytes(self) -> int:
        """The approximate memory size, with both encodings of it."""
        return len(self.body) * 3 // 2 + _OVERHEAD_BYTES

    def answer(self, method: str, headers: Mapping[str, str]) -> Response:
        """Return the response to a request with this method and these headers."""
        encoding = self._encoding_for(method, headers)
        tags = headers.get("if-none-match")
        if tags is not None and matches_weakly(tags, self.headers["etag"]):
            return self._unchanged(encoding)
        if method == "HEAD":
            return self._head
        return self._full if encoding is None else self._compressed(encoding)

    def _encoding_for(self, method: str, headers: Mapping[str, str]) -> str | None:
        accepted = headers.get("accept-encoding")
        if accepted is None or method == "HEAD" or len(self.body) < SMALLEST_BYTES:
            return None
        return encoding_for(accepted)

    @cached_property
    def _full(self) -> Response:
        return Response(self.body, headers=self.headers)

    @property
    def _head(self) -> Response:
        return Response(headers=self.headers)

    def _compressed(self, encoding: str) -> Response:
        response = self._encoded.get(encoding)
        if response is None:
            body = compress(self.body, encoding)
            encoded = {"content-encoding": encoding, "content-length": str(len(body))}
            response = Response(body, headers={**self.headers, **encoded, "etag": self._tag(encoding)})
            self._encoded[encoding] = response
        return response

    def _unchanged(self, encoding: str | None) -> Response:
        headers = {name: self.headers[name] for name in _HEADERS_OF_304 if name in self.headers}
        return Response(status_code=304, headers={**headers, "etag": self._tag(encoding)})

    def _tag(self, encoding: str | None) -> str:
        return self.headers["etag"] if encoding is None else tag_in_encoding(self.headers["etag"], encoding)
