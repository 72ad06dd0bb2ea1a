"""What surrounds the content of a chunked body is bounded, and none of it becomes a header."""

import asyncio
import json

import pytest

from luxewin.kit.http.body_framing import LARGEST_FRAMING_BYTES, BodyFraming
from tests.kit.http_server import ASK, Served, serve_http

served = pytest.fixture(serve_http)
CHUNKED = b"POST /read HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
ENDLESS = {
    "one long trailer": (b"0\r\nX-Long: ", b"x" * 1024),
    "many trailers": (b"0\r\n", b"X-More: y\r\n" * 100),
    "one long chunk extension": (b"1;", b"x" * 1024),
    "an extension in each chunk": (b"", b"1;" + b"x" * 1024 + b"\r\na\r\n"),
}
endless = pytest.mark.parametrize(("start", "more"), ENDLESS.values(), ids=ENDLESS)


def too_much(start: bytes, more: bytes) -> bytes:
    """Return more framing than is allowed, which is sent at once: data after the refusal would reset the connection."""
    return start + more * (LARGEST_FRAMING_BYTES // len(more) + 2)


@endless
async def test_a_body_whose_framing_has_no_end_is_refused(served: Served, start: bytes, more: bytes) -> None:
    client = await served.connect()
    client.writer.write(CHUNKED)
    await served.app.began.wait()
    status, headers, body = await client.ask(too_much(start, more))
    assert (status, headers["content-type"], headers["connection"]) == (400, "application/problem+json", "close")
    assert json.loads(body)["title"] == (
        f"The chunk extensions and trailers of the body have more than {LARGEST_FRAMING_BYTES} bytes"
    )


@endless
async def test_a_body_whose_framing_has_no_end_is_cut_off_after_its_response(
    served: Served, start: bytes, more: bytes
) -> None:
    client = await served.connect()
    assert (await client.ask(CHUNKED.replace(b"/read", b"/x")))[0] == 200
    client.writer.write(too_much(start, more))
    assert await client.rest() == b"", "a second response would be taken for that to the next request"


async def test_a_body_of_many_small_chunks_and_one_with_a_trailer_are_read(served: Served) -> None:
    client = await served.connect()
    small = b"1\r\na\r\n" * LARGEST_FRAMING_BYTES
    trailer = b"0\r\nX-Digest: " + b"x" * 1024 + b"\r\n\r\n"
    for _ in range(3):
        assert (await client.ask(CHUNKED + small + trailer))[2] == str(LARGEST_FRAMING_BYTES).encode()


@pytest.mark.parametrize("name", [b"Authorization", b"X-Forwarded-Proto", b"X-Forwarded-For", b"Host", b"Expect"])
@pytest.mark.parametrize("in_parts", [False, True], ids=["pipelined", "byte by byte"])
@pytest.mark.parametrize("path", [b"/read", b"/x"], ids=["read", "answered before"])
async def test_a_trailer_is_no_header_of_its_own_request_nor_of_the_next(
    served: Served, name: bytes, in_parts: bool, path: bytes
) -> None:
    client = await served.connect()
    trailers = b"2\r\n{}\r\n0\r\nX-First: 1\r\n" + name + b": a-trailer\r\n\r\n"
    sent = CHUNKED.replace(b"/read", path) + trailers + ASK
    for part in [sent[i : i + 1] for i in range(len(sent))] if in_parts else [sent]:
        client.writer.write(part)
        await client.writer.drain()
        await asyncio.sleep(0)
    assert [(await client.answer())[0] for _ in range(2)] == [200, 200]
    assert [sorted(name for name, _ in headers) for headers in served.app.headers] == [
        [b"host", b"transfer-encoding"],
        [b"host"],
    ]


def test_content_and_the_size_of_each_chunk_are_free() -> None:
    framing = BodyFraming()
    for _ in range(LARGEST_FRAMING_BYTES):
        framing.add(1024 + len("400\r\n\r\n"))
        framing.subtract_content(1024)
    assert not framing.is_too_large


def test_content_buys_no_framing_that_follows_it() -> None:
    framing = BodyFraming()
    framing.add(10 * LARGEST_FRAMING_BYTES)
    framing.subtract_content(10 * LARGEST_FRAMING_BYTES)
    framing.add(LARGEST_FRAMING_BYTES + 1)
    assert framing.is_too_large
    framing.begin()
    assert not framing.is_too_large
