"""The HTTP server's own bounds: what it refuses is a problem document too, and nobody is simply cut off."""

import asyncio
import contextlib
import json
import resource
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn

from luxewin.kit.http import connections
from luxewin.kit.http.admission import CROWDED
from luxewin.kit.http.connections import BoundedProtocol
from luxewin.kit.http.middleware import Receive, Scope, Send
from luxewin.kit.http.raw_response import RawResponse

MOST_CONNECTIONS = 2
ASK = b"GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n"


BUSY = b"/busy"
REFUSAL = RawResponse.of(503, [(b"content-length", b"4")], b"busy")
LARGE = b"/large"
LARGE_ANSWER = RawResponse.of(200, [(b"content-length", b"%d" % (1 << 16))], bytes(1 << 16))


class Heard:
    """An application that tells whether it was told that there is a crowd, and answers two addresses at the door."""

    def __init__(self) -> None:
        self.crowded: list[bool] = []
        self.go = asyncio.Event()
        self.left = asyncio.Event()

    def early_response(self, scope: Scope) -> RawResponse | None:
        return {BUSY: REFUSAL, LARGE: LARGE_ANSWER}.get(scope["path"].encode())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.crowded.append(CROWDED in scope)
        if scope["path"] == "/slow":
            await self.go.wait()
        if scope["path"] == "/until-gone":
            while (await receive())["type"] != "http.disconnect":
                pass
            self.left.set()
            return
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})


class Line:
    """A client's connection, by its bytes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer

    async def ask(self, request: bytes = ASK) -> tuple[int, dict[str, str], bytes]:
        self.writer.write(request)
        return await self.answer()

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        async with asyncio.timeout(30):
            status, *lines = (await self._reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in lines)
            body = await self._reader.readexactly(int(headers["content-length"]))
        return int(status.split(" ")[1]), headers, body

    async def rest(self) -> bytes:
        """Return what still comes until the other side hangs up."""
        async with asyncio.timeout(30):
            return await self._reader.read()


class Served:
    """The application behind a real HTTP server of its own."""

    def __init__(self, port: int, app: Heard, server: uvicorn.Server) -> None:
        self._port = port
        self.app = app
        self.server = server
        self._lines: list[Line] = []

    async def connect(self) -> Line:
        line = Line(*await asyncio.open_connection("127.0.0.1", self._port))
        self._lines.append(line)
        return line

    def hang_up(self) -> None:
        for line in self._lines:
            line.writer.close()


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    app = Heard()
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=0,
        http=BoundedProtocol,
        lifespan="off",
        log_config=None,
        proxy_headers=False,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=60,
    )
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    opened = Served(server.servers[0].sockets[0].getsockname()[1], app, server)
    yield opened
    opened.hang_up()
    await server.shutdown()


async def test_one_connection_too_many_is_answered_once_and_closed(served: Served) -> None:
    lines = [await served.connect() for _ in range(MOST_CONNECTIONS + 1)]
    answers = [await line.ask() for line in lines]
    assert served.app.crowded == [False, False, True]
    assert [headers.get("connection") for _, headers, _ in answers] == [None, None, "close"]
    assert await lines[-1].rest() == b""
    assert (await lines[0].ask())[0] == 200, "the others are kept"


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_who_is_turned_away_may_ask_again_on_the_same_connection(served: Served, method: str) -> None:
    line = await served.connect()
    asking = ASK.replace(b"GET /x", method.encode() + b" " + BUSY + b"?a=b")
    for _ in range(2):
        line.writer.write(asking.replace(b"\r\n\r\n", b"\r\nContent-Length: 9\r\n\r\nthe "))
        status, headers, body = await line.answer()
        assert (status, body, headers.get("connection")) == (503, b"busy", None)
        line.writer.write(b"rest.")
    assert served.app.crowded == []
    assert (await line.ask())[0] == 200
    assert served.app.crowded == [False]


@pytest.mark.parametrize("last", [b"HTTP/1.1\r\nConnection: close", b"HTTP/1.0"])
async def test_who_wants_no_other_answer_is_turned_away_and_hung_up_on(served: Served, last: bytes) -> None:
    line = await served.connect()
    status, headers, _ = await line.ask(ASK.replace(b"/x HTTP/1.1", BUSY + b" " + last))
    assert (status, headers["connection"]) == (503, "close")
    assert await line.rest() == b""


async def test_what_comes_in_behind_an_answer_at_the_door_has_its_time(served: Served) -> None:
    served.server.config.timeout_keep_alive = 0.05  # type: ignore[assignment]  # a whole second is long for a test
    line, idle = await served.connect(), await served.connect()
    line.writer.write(ASK.replace(b"/x", BUSY) + ASK.replace(b"/x", b"/slow"))
    assert (await line.answer())[0] == 503
    assert await idle.rest() == b"", "the time of an idle connection is over"
    served.app.go.set()
    assert (await line.answer())[0] == 200


async def test_nothing_is_begun_on_a_connection_that_is_being_closed(served: Served) -> None:
    line = await served.connect()
    last = ASK.replace(b"/x HTTP/1.1", BUSY + b" HTTP/1.0\r\nConnection: keep-alive")
    assert (await line.ask(last + ASK))[0] == 503
    assert await line.rest() == b""
    assert served.app.crowded == []


async def test_whoever_leaves_has_left_all_their_requests(served: Served) -> None:
    line = await served.connect()
    line.writer.write(ASK.replace(b"/x", b"/until-gone") + ASK)
    await line.writer.drain()
    line.writer.close()
    async with asyncio.timeout(30):
        await served.app.left.wait()


async def test_who_asks_on_and_on_and_does_not_read_is_not_answered_at_the_door_any_more(served: Served) -> None:
    line, asked = await served.connect(), 1_000
    line.writer.write(asked * ASK.replace(b"/x", LARGE))
    answers = [await line.answer() for _ in range(asked)]
    sizes = [len(body) for _, _, body in answers]
    assert sizes[0] == len(LARGE_ANSWER.body)
    assert sizes.count(len(b"ok")) == len(served.app.crowded) > 0, "who does not read waits inside, where it is bounded"


async def test_who_asks_before_the_last_answer_comes_in_and_is_not_overtaken(served: Served) -> None:
    line = await served.connect()
    line.writer.write(ASK + ASK.replace(b"/x", BUSY))
    assert [(await line.answer())[0] for _ in range(2)] == [200, 200]


async def test_an_address_that_is_written_strangely_comes_in(served: Served) -> None:
    line = await served.connect()
    assert (await line.ask(ASK.replace(b"/x", b"/bus%79")))[0] == 200


async def test_one_connection_too_many_turns_nobody_away_by_itself(served: Served) -> None:
    lines = [await served.connect() for _ in range(MOST_CONNECTIONS + 1)]
    assert (await lines[-1].ask(ASK.replace(b"/x", BUSY)))[0] == 200
    assert served.app.crowded == [True]


async def test_what_is_no_http_is_refused_with_a_problem_document(served: Served) -> None:
    line = await served.connect()
    status, headers, body = await line.ask(b"this is no HTTP\r\n\r\n")
    assert (status, headers["content-type"], headers["connection"]) == (400, "application/problem+json", "close")
    assert json.loads(body)["code"] == "request.invalid"
    assert await line.rest() == b""


async def test_a_head_without_end_is_refused(served: Served) -> None:
    line = await served.connect()
    line.writer.write(b"GET /x HTTP/1.1\r\n")
    for _ in range(100):
        line.writer.write(b"X-More: " + b"x" * 1000 + b"\r\n")
    status, headers, body = await line.answer()
    assert (status, headers["content-type"]) == (431, "application/problem+json")
    assert json.loads(body)["code"] == "request.headers_too_large"
    assert served.app.crowded == []


@pytest.mark.parametrize("began", [False, True])
@pytest.mark.parametrize("piece", [b"GET /x HTTP/1.1\r\nX-Slow: ", b"\r\n", b"G"])
async def test_a_client_that_takes_forever_over_its_head_is_hung_up_on(
    served: Served, monkeypatch: pytest.MonkeyPatch, piece: bytes, began: bool
) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.01)
    line = await served.connect()
    if began:
        assert (await line.ask())[0] == 200
    line.writer.write(piece)
    assert await line.rest() == b""


@pytest.mark.parametrize("more", [b"", b"\r\n"], ids=["nothing more", "an empty line after it"])
async def test_who_was_answered_at_the_door_may_take_their_time_over_the_next_request(
    served: Served, monkeypatch: pytest.MonkeyPatch, more: bytes
) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.05)
    line, slow = await served.connect(), await served.connect()
    assert (await line.ask(ASK.replace(b"/x", BUSY) + more))[0] == 503
    slow.writer.write(ASK[:10])
    assert await slow.rest() == b"", "the time of a head that has begun is over"
    assert (await line.ask())[0] == 200


async def test_who_was_answered_at_the_door_has_no_longer_for_the_next_head(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.01)
    line = await served.connect()
    assert (await line.ask(ASK.replace(b"/x", BUSY)))[0] == 503
    line.writer.write(ASK[:10])
    assert await line.rest() == b""


async def test_a_client_that_goes_on_sending_header_after_header_is_hung_up_on(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.05)
    line = await served.connect()
    line.writer.write(b"GET /x HTTP/1.1\r\n")

    async def go_on() -> None:
        while True:
            line.writer.write(b"a:\r\n")
            await asyncio.sleep(0.01)

    going_on = asyncio.create_task(go_on())
    try:
        with contextlib.suppress(ConnectionResetError):  # what arrives after the end is answered with a reset
            assert await line.rest() == b""
        assert not served.server.server_state.connections
    finally:
        going_on.cancel()


async def test_a_head_that_comes_in_pieces_is_served(served: Served) -> None:
    line = await served.connect()
    for piece in (ASK[:10], ASK[10:20]):
        line.writer.write(piece)
        await line.writer.drain()
        await asyncio.sleep(0)
    assert (await line.ask(ASK[20:]))[0] == 200


async def test_a_connection_that_never_says_anything_is_hung_up_on(served: Served) -> None:
    served.server.config.timeout_keep_alive = 0
    line = await served.connect()
    assert await line.rest() == b""


@pytest.mark.parametrize("piece", [b"", b"the "], ids=["at once", "in the middle"])
async def test_who_is_turned_away_and_falls_silent_is_hung_up_on(served: Served, piece: bytes) -> None:
    line = await served.connect()
    await line.ask()
    (protocol,) = served.server.server_state.connections
    assert isinstance(protocol, BoundedProtocol)
    protocol.timeout_keep_alive = 60 if piece else 0
    head = ASK.replace(b"GET /x", b"POST " + BUSY).replace(b"\r\n\r\n", b"\r\nContent-Length: 9\r\n\r\n")
    assert (await line.ask(head))[0] == 503
    protocol.timeout_keep_alive = 0
    line.writer.write(piece)
    assert await line.rest() == b""


def test_open_files_are_allowed_as_far_as_the_system_lets(monkeypatch: pytest.MonkeyPatch) -> None:
    granted: list[Any] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _kind: (1024, 4096))
    monkeypatch.setattr(resource, "setrlimit", lambda _kind, limits: granted.append(limits))
    connections.allow_open_files(100)
    connections.allow_open_files(2000)
    connections.allow_open_files(100_000)
    assert granted == [(2256, 4096), (4096, 4096)]
