"""The limits of client connections: every rejection is a problem document, and no connection is reset."""

import asyncio
import contextlib
import json
import resource
from collections.abc import Callable
from typing import Any

import pytest

from luxewin.kit.http import connections
from luxewin.kit.http.connection_table import PATIENT_CHECKS
from luxewin.kit.http.connections import BoundedProtocol
from tests.kit.http_server import ASK, LARGE_BYTES, MAX_CONNECTIONS, Served, serve_http

READ_BYTES = 1 << 20

served = pytest.fixture(serve_http)


async def test_a_connection_beyond_the_limit_is_answered_once_and_closed(served: Served) -> None:
    clients = [await served.connect() for _ in range(MAX_CONNECTIONS + 1)]
    answers = [await client.ask() for client in clients]
    assert served.app.over_limit == [False, False, True]
    assert [headers.get("connection") for _, headers, _ in answers] == [None, None, "close"]
    assert await clients[-1].rest() == b""
    assert (await clients[0].ask())[0] == 200, "the others stay open"


async def until(condition: Callable[[], bool]) -> None:
    """Return when the condition holds."""
    async with asyncio.timeout(30):
        while True:
            if condition():
                return
            await asyncio.sleep(0)


LARGE = ASK.replace(b"/x", b"/large")


async def test_a_client_that_never_reads_is_reset_and_holds_nothing(served: Served) -> None:
    client = await served.connect()
    client.writer.transport.pause_reading()  # type: ignore[attr-defined]  # a socket's transport has it
    client.writer.write(LARGE)
    await until(lambda: bool(served.unsent_bytes()))
    for _ in range(PATIENT_CHECKS + 1):
        served.table.check()
    await until(lambda: not served.server.server_state.connections)
    client.writer.transport.resume_reading()  # type: ignore[attr-defined]  # as above
    with pytest.raises(ConnectionResetError):
        await client.rest()
    assert (await (await served.connect()).ask())[0] == 200


async def test_a_client_that_reads_slowly_gets_everything(served: Served) -> None:
    client = await served.connect()
    client.writer.write(LARGE)
    await until(lambda: bool(served.unsent_bytes()))
    for _ in range(LARGE_BYTES // READ_BYTES):
        served.table.check()
        await client.read(READ_BYTES)
    assert len(served.table) == 1, "it was not cut off"


async def test_a_closing_connection_whose_client_does_not_read_is_reset_too(served: Served) -> None:
    client = await served.connect()
    client.writer.transport.pause_reading()  # type: ignore[attr-defined]  # a socket's transport has it
    client.writer.write(LARGE.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    await until(lambda: bool(served.unsent_bytes()))
    for _ in range(PATIENT_CHECKS + 1):
        served.table.check()
    await until(lambda: not served.server.server_state.connections)


POST = ASK.replace(b"GET", b"POST").replace(b"\r\n\r\n", b"\r\nContent-Length: 9\r\n\r\n")


async def test_the_rest_of_a_body_that_was_answered_before_it_came_is_discarded(served: Served) -> None:
    client = await served.connect()
    for _ in range(2):
        assert (await client.ask(POST + b"the "))[0] == 200
        client.writer.write(b"rest.")
    assert (await client.ask())[0] == 200
    assert served.app.over_limit == [False] * 3


async def test_a_client_that_hangs_up_ends_all_its_requests(served: Served) -> None:
    client = await served.connect()
    client.writer.write(ASK.replace(b"/x", b"/until-gone") + ASK)
    await client.writer.drain()
    client.writer.close()
    async with asyncio.timeout(30):
        await served.app.left.wait()


async def test_data_that_is_not_http_is_refused_with_a_problem_document(served: Served) -> None:
    client = await served.connect()
    status, headers, body = await client.ask(b"this is no HTTP\r\n\r\n")
    assert (status, headers["content-type"], headers["connection"]) == (400, "application/problem+json", "close")
    assert json.loads(body)["code"] == "request.invalid"
    assert await client.rest() == b""


async def test_a_head_that_is_too_large_is_refused(served: Served) -> None:
    client = await served.connect()
    client.writer.write(b"GET /x HTTP/1.1\r\n")
    for _ in range(100):
        client.writer.write(b"X-More: " + b"x" * 1000 + b"\r\n")
    status, headers, body = await client.answer()
    assert (status, headers["content-type"]) == (431, "application/problem+json")
    assert json.loads(body)["code"] == "request.headers_too_large"
    assert served.app.over_limit == []


@pytest.mark.parametrize("began", [False, True])
@pytest.mark.parametrize("part", [b"GET /x HTTP/1.1\r\nX-Slow: ", b"\r\n", b"G"])
async def test_a_client_that_does_not_complete_a_head_is_disconnected(
    served: Served, monkeypatch: pytest.MonkeyPatch, part: bytes, began: bool
) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.01)
    client = await served.connect()
    if began:
        assert (await client.ask())[0] == 200
    client.writer.write(part)
    assert await client.rest() == b""


@pytest.mark.parametrize("more", [b"", b"\r\n"], ids=["nothing more", "an empty line after it"])
async def test_after_a_body_that_was_answered_before_it_came_the_next_request_may_come_later(
    served: Served, monkeypatch: pytest.MonkeyPatch, more: bytes
) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.05)
    client, slow = await served.connect(), await served.connect()
    assert (await client.ask(POST))[0] == 200
    client.writer.write(b"the rest." + more)
    slow.writer.write(ASK[:10])
    assert await slow.rest() == b"", "the time for a head that has begun is over"
    assert (await client.ask())[0] == 200


async def test_after_a_body_that_was_answered_before_it_came_the_next_head_has_its_usual_time(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.01)
    client = await served.connect()
    assert (await client.ask(POST))[0] == 200
    client.writer.write(b"the rest." + ASK[:10])
    assert await client.rest() == b""


async def test_a_client_that_sends_header_after_header_is_disconnected(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.05)
    client = await served.connect()
    client.writer.write(b"GET /x HTTP/1.1\r\n")

    async def go_on() -> None:
        while True:
            client.writer.write(b"a:\r\n")
            await asyncio.sleep(0.01)

    going_on = asyncio.create_task(go_on())
    try:
        with contextlib.suppress(ConnectionResetError):  # what arrives after the end is answered with a reset
            assert await client.rest() == b""
        assert not served.server.server_state.connections
    finally:
        going_on.cancel()


async def test_a_head_that_arrives_in_chunks_is_served(served: Served) -> None:
    client = await served.connect()
    for chunk in (ASK[:10], ASK[10:20]):
        client.writer.write(chunk)
        await client.writer.drain()
        await asyncio.sleep(0)
    assert (await client.ask(ASK[20:]))[0] == 200


async def test_a_connection_on_which_nothing_is_sent_is_closed(served: Served) -> None:
    served.server.config.timeout_keep_alive = 0
    client = await served.connect()
    assert await client.rest() == b""


@pytest.mark.parametrize("part", [b"the ", b"the rest."], ids=["part of the body", "all of the body"])
async def test_an_idle_connection_is_closed_after_the_body_of_a_request_that_was_answered_before_it_came(
    served: Served, part: bytes
) -> None:
    client = await served.connect()
    await client.ask()
    (protocol,) = served.server.server_state.connections
    assert isinstance(protocol, BoundedProtocol)
    assert (await client.ask(POST))[0] == 200
    protocol.timeout_keep_alive = 0
    client.writer.write(part)
    assert await client.rest() == b""


def test_the_limit_of_open_files_is_raised_as_far_as_the_system_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    granted: list[Any] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _kind: (1024, 4096))
    monkeypatch.setattr(resource, "setrlimit", lambda _kind, limits: granted.append(limits))
    connections.allow_open_files(100)
    connections.allow_open_files(2000)
    connections.allow_open_files(100_000)
    assert granted == [(2256, 4096), (4096, 4096)]


@pytest.mark.parametrize(
    ("target", "host"),
    [
        (b"/x", b"localhost"),
        (b"http://b.example/x", b"b.example"),
        (b"http://b.example:8080/x?y=http://c.example/", b"b.example:8080"),
        (b"HTTPS://B.Example/x", b"B.Example"),
    ],
)
async def test_the_host_of_an_absolute_target_replaces_the_header(served: Served, target: bytes, host: bytes) -> None:
    client = await served.connect()
    assert (await client.ask(ASK.replace(b"/x", target)))[0] == 200
    assert served.app.hosts == [host]
