"""Compression: negotiated, with entity tags of its own, and only where it makes a response smaller."""

import gzip
from collections.abc import AsyncIterator, Mapping
from hashlib import sha256
from typing import Any

import brotli
import httpx2
import pytest
from starlette.responses import Response, StreamingResponse

from luxewin.kit.http.cached_response import CachedResponse
from luxewin.kit.http.compression import SMALLEST_BYTES, compressed_send, encoding_for
from luxewin.kit.http.entity_tags import matches_weakly, tag_in_encoding, without_encodings

LONG = b'{"data": [%s]}' % b", ".join([b'{"name": "Oslo chair"}'] * 500)
HEADERS = {"content-type": "application/json", "etag": '"3-abc"', "cache-control": "no-cache"}
DECODERS = {"gzip": gzip.decompress, "br": brotli.decompress, "identity": bytes}


async def _raw(response: Any, method: str = "GET", **headers: str) -> tuple[Mapping[str, str], bytes]:
    """Send a response to a request with these headers; return its headers and its undecoded body."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        sent = {name.decode(): value.decode() for name, value in scope["headers"]}
        await response(scope, receive, compressed_send(send, method, sent))

    named = {"accept-encoding": "identity", **{name.replace("_", "-"): value for name, value in headers.items()}}
    async with (
        httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://shop.test") as client,
        client.stream(method, "/", headers=named) as answer,
    ):
        return answer.headers, b"".join([part async for part in answer.aiter_raw()])


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("GZIP", "gzip"),
        ("br;q=0.5, gzip;q=0.8", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("*", "br"),
        ("*;q=0", None),
        ("gzip;q=0", None),
        ("identity, gzip;q=0.5", None),
        ("identity;q=0.5, gzip", "gzip"),
        ("deflate, zstd", None),
        ("gzip;q=much", None),
        ("", None),
        ("gzip," * 100, None),
    ],
)
def test_the_encoding_is_the_one_that_the_client_prefers(accepted: str, encoding: str | None) -> None:
    assert encoding_for(accepted) == encoding


@pytest.mark.parametrize("encoding", ["gzip", "br"])
async def test_a_long_response_is_compressed_and_has_a_tag_of_its_own(encoding: str) -> None:
    headers, body = await _raw(Response(LONG, headers=HEADERS), accept_encoding=encoding)
    assert DECODERS[encoding](body) == LONG
    assert headers["content-encoding"] == encoding
    assert int(headers["content-length"]) == len(body) < len(LONG) / 5
    assert headers["etag"] == f'"3-abc-{encoding}"'
    assert headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize("encoding", ["gzip", "br"])
async def test_a_response_that_is_sent_in_parts_is_compressed_too(encoding: str) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for number in range(100):
            yield b"row,%d\n" % number * 20

    plain = b"".join([part async for part in parts()])
    headers, body = await _raw(StreamingResponse(parts(), media_type="text/csv"), accept_encoding=encoding)
    assert (headers["content-encoding"], "content-length" in headers) == (encoding, False)
    assert DECODERS[encoding](body) == plain


@pytest.mark.parametrize(
    ("response", "method"),
    [
        (Response(LONG[: SMALLEST_BYTES - 1], headers=HEADERS), "GET"),
        (Response(LONG, headers={**HEADERS, "content-type": "image/jpeg"}), "GET"),
        (Response(LONG, headers={**HEADERS, "content-type": "text/event-stream"}), "GET"),
        (Response(LONG, headers={**HEADERS, "content-encoding": "zstd"}), "GET"),
        (Response(LONG, headers={**HEADERS, "cache-control": "no-cache, no-transform"}), "GET"),
        (Response(LONG, status_code=206, headers=HEADERS), "GET"),
        (Response(LONG, headers=HEADERS), "POST"),
        (Response(LONG, headers=HEADERS), "HEAD"),
    ],
    ids=["small", "a picture", "events", "compressed", "no-transform", "a part", "a write", "HEAD"],
)
async def test_a_response_is_left_alone(response: Response, method: str) -> None:
    headers, _ = await _raw(response, method, accept_encoding="gzip, br")
    assert headers.get("content-encoding") == response.headers.get("content-encoding")
    assert headers["etag"] == '"3-abc"'


async def test_what_does_not_become_smaller_is_left_alone() -> None:
    noise = b"".join(sha256(bytes([number])).digest() for number in range(64))
    text = {**HEADERS, "content-type": "text/plain"}
    headers, body = await _raw(Response(noise, headers=text), accept_encoding="gzip")
    assert ("content-encoding" in headers, body) == (False, noise)


async def test_a_response_that_has_not_changed_confirms_the_tag_that_the_client_has() -> None:
    unchanged = Response(status_code=304, headers={"etag": '"3-abc"'})
    for tag in ('"3-abc-gzip"', '"3-abc-br"', '"3-abc"'):
        headers, _ = await _raw(unchanged, accept_encoding="gzip", if_none_match=tag)
        assert headers["etag"] == tag


@pytest.mark.parametrize("tags", ['"a"', 'W/"a"', '"x", "a-br"', 'W/"a-gzip"', "*"])
def test_a_tag_is_found_in_any_encoding(tags: str) -> None:
    assert matches_weakly(tags, '"a"')
    assert matches_weakly(tags, tag_in_encoding('"a"', "br"))


@pytest.mark.parametrize("tags", ['"b"', '"a-zstd"', "a", "", '"ab-br"'])
def test_another_tag_is_not_found(tags: str) -> None:
    assert not matches_weakly(tags, '"a"')


def test_a_tag_without_its_encoding_is_the_original() -> None:
    assert without_encodings('W/"3-abc-br", "4-gzip"') == 'W/"3-abc", "4"'


def test_a_cached_response_is_compressed_once_for_each_encoding() -> None:
    cached = CachedResponse.of(LONG, cache_control="no-cache", content_type="application/json")
    tag = ""
    for encoding in ("gzip", "br"):
        first = cached.answer("GET", {"accept-encoding": encoding})
        assert DECODERS[encoding](bytes(first.body)) == LONG
        assert cached.answer("GET", {"accept-encoding": encoding}) is first
        tag = first.headers["etag"]
        unchanged = cached.answer("GET", {"accept-encoding": encoding, "if-none-match": tag})
        assert (unchanged.status_code, unchanged.headers["etag"]) == (304, tag)
    plain = cached.answer("GET", {})
    assert (bytes(plain.body), "content-encoding" in plain.headers) == (LONG, False)
    assert plain.headers["etag"] != tag
    assert cached.answer("HEAD", {"accept-encoding": "br"}).headers["content-length"] == str(len(LONG))


def test_a_small_cached_response_is_not_compressed() -> None:
    cached = CachedResponse.of(b"{}", cache_control="no-cache", content_type="application/json")
    assert "content-encoding" not in cached.answer("GET", {"accept-encoding": "br"}).headers
