"""Compression of responses: the encoding is negotiated, and what it would not make smaller is left alone.

Only responses to GET whose route contains no secret are compressed: an attacker who can repeat a request and see the
length of a response could otherwise guess a secret beside a text of their own (BREACH).
"""

import asyncio
import re
import zlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Protocol

import brotli

from luxewin.kit.http.entity_tags import tag_in_encoding
from luxewin.kit.http.types import Message, Send

SMALLEST_BYTES = 1400
"""A smaller response fits into one packet anyway."""

_VARY = (b"vary", b"Accept-Encoding")
_ENCODINGS = ("br", "gzip")
"""The supported encodings, the preferred one first."""

_COMPRESSIBLE = re.compile(
    rb"(?:application/(?:[\w.-]+\+)?(?:json|javascript|x-ndjson|jsonl)|text/(?!event-stream)[\w.+-]+|image/svg\+xml)\b"
)
_BROTLI_QUALITY = 4
_GZIP_LEVEL = 5
_GZIP_FORMAT = zlib.MAX_WBITS | 16
_IN_A_THREAD_BYTES = 64 << 10
_LONGEST_HEADER = 256
_WITHOUT_CONTENT = frozenset({204, 206, 304})
_NOT_MODIFIED = 304


def compressed_send(send: Send, method: str, headers: Mapping[str, str]) -> Send:
    """Return a `send` that compresses the response to a request with this method and these headers."""
    if method not in {"GET", "HEAD"}:
        return send
    encoding = encoding_for(headers.get("accept-encoding", "")) if method == "GET" else None
    return CompressedSend(send, encoding, known_tags=headers.get("if-none-match", ""))


class Encoder(Protocol):
    """Compresses a response piece by piece."""

    def add(self, data: bytes) -> bytes:
        """Return the output that is ready after more input."""

    def finish(self) -> bytes:
        """Return the rest of the output."""


class _Brotli:
    def __init__(self) -> None:
        self._compressor = brotli.Compressor(quality=_BROTLI_QUALITY)

    def add(self, data: bytes) -> bytes:
        return self._compressor.process(data)

    def finish(self) -> bytes:
        return self._compressor.finish()


class _Gzip:
    def __init__(self) -> None:
        self._compressor = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_FORMAT)

    def add(self, data: bytes) -> bytes:
        return self._compressor.compress(data)

    def finish(self) -> bytes:
        return self._compressor.flush()


@lru_cache(maxsize=256)
def encoding_for(accept_encoding: str) -> str | None:
    """Return the encoding that the client prefers, `br` or `gzip`; None for none (RFC 9110, 12.5.3)."""
    if len(accept_encoding) > _LONGEST_HEADER:
        return None
    weights = dict(_weighted(accept_encoding))
    others = weights.get("*", 0.0)
    best = max(_ENCODINGS, key=lambda encoding: weights.get(encoding, others))
    weight = weights.get(best, others)
    return best if weight > 0 and weight >= weights.get("identity", 0.0) else None


def compress(body: bytes, encoding: str) -> bytes:
    """Return the compressed body; the same body gives the same bytes."""
    encoder = encoder_for(encoding)
    return encoder.add(body) + encoder.finish()


def encoder_for(encoding: str) -> Encoder:
    """Return a new encoder."""
    return _Brotli() if encoding == "br" else _Gzip()


class CompressedSend:
    """Wraps `send`, and compresses the response if that is allowed and makes it smaller.

    `known_tags` is the request's `If-None-Match`: a 304 confirms the tag that the client has.
    """

    def __init__(self, send: Send, encoding: str | None, *, known_tags: str) -> None:
        self._send = send
        self._encoding = encoding
        self._known_tags = known_tags
        self._start: Message | None = None
        self._encoder: Encoder | None = None

    async def __call__(self, message: Message) -> None:
        """Send a message; the first one is held back until the body begins."""
        if message["type"] == "http.response.start":
            await self._begin(message)
        elif self._start is not None and self._encoding is not None:
            await self._first_body(self._start, message, self._encoding)
        elif self._encoder is not None:
            await self._send({**message, "body": self._next(self._encoder, message)})
        else:
            await self._send(message)

    async def _begin(self, message: Message) -> None:
        headers: list[tuple[bytes, bytes]] = [*message["headers"]]
        if not any(name == b"vary" and b"Accept-Encoding" in value for name, value in headers):
            headers.append(_VARY)
        message["headers"] = headers
        if message["status"] == _NOT_MODIFIED:
            message["headers"] = [_confirmed(pair, self._known_tags) for pair in headers]
        if self._encoding is not None and _is_compressible(message["status"], headers):
            self._start = message
        else:
            await self._send(message)

    async def _first_body(self, start: Message, message: Message, encoding: str) -> None:
        self._start = None
        body: bytes = message.get("body", b"")
        if message.get("more_body"):
            self._encoder = encoder_for(encoding)
            start["headers"] = _encoded(start["headers"], encoding, length=None)
            await self._send(start)
            await self._send({**message, "body": self._next(self._encoder, message)})
            return
        compressed = body if len(body) < SMALLEST_BYTES else await _compress_apart(body, encoding)
        if len(compressed) < len(body):
            start["headers"] = _encoded(start["headers"], encoding, length=len(compressed))
            message = {**message, "body": compressed}
        await self._send(start)
        await self._send(message)

    def _next(self, encoder: Encoder, message: Message) -> bytes:
        ready = encoder.add(message.get("body", b""))
        return ready if message.get("more_body") else ready + encoder.finish()


async def _compress_apart(body: bytes, encoding: str) -> bytes:
    """Return the compressed body; a large one is compressed in a thread, so that other requests go on."""
    if len(body) < _IN_A_THREAD_BYTES:
        return compress(body, encoding)
    return await asyncio.to_thread(compress, body, encoding)


def _weighted(accept_encoding: str) -> Iterable[tuple[str, float]]:
    for part in accept_encoding.lower().split(","):
        name, _, parameter = part.partition(";")
        weight = parameter.strip().removeprefix("q=")
        try:
            yield name.strip(), float(weight) if weight else 1.0
        except ValueError:
            yield name.strip(), 0.0


def _is_compressible(status: int, headers: Iterable[tuple[bytes, bytes]]) -> bool:
    known = dict(headers)
    return (
        status not in _WITHOUT_CONTENT
        and b"content-encoding" not in known
        and b"no-transform" not in known.get(b"cache-control", b"")
        and int(known.get(b"content-length", SMALLEST_BYTES)) >= SMALLEST_BYTES
        and _COMPRESSIBLE.match(known.get(b"content-type", b"")) is not None
    )


def _encoded(headers: Iterable[tuple[bytes, bytes]], encoding: str, *, length: int | None) -> list[tuple[bytes, bytes]]:
    """Return the headers of the compressed response; without a length it is sent in chunks."""
    kept = [_tagged(pair, encoding) for pair in headers if pair[0] != b"content-length"]
    sized = [] if length is None else [(b"content-length", str(length).encode())]
    return [*kept, (b"content-encoding", encoding.encode()), *sized]


def _tagged(pair: tuple[bytes, bytes], encoding: str) -> tuple[bytes, bytes]:
    name, value = pair
    return (name, tag_in_encoding(value.decode("latin-1"), encoding).encode("latin-1")) if name == b"etag" else pair


def _confirmed(pair: tuple[bytes, bytes], known_tags: str) -> tuple[bytes, bytes]:
    tagged = (_tagged(pair, encoding) for encoding in _ENCODINGS)
    return next((other for other in tagged if other != pair and other[1].decode("latin-1") in known_tags), pair)
