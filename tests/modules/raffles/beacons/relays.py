"""Relays of drand for tests: correct, late, failing, and with invalid or endless answers."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import orjson

from luxewin.modules.raffles.beacons.local import LocalBeacon

NOW = 1_800_000_000.0
BEACON = LocalBeacon(b"only in tests", clock=lambda: NOW)
DUE = BEACON.chain.first_round_at(int(NOW)) - 10
Answer = Callable[[int, bytes], bytes | None]
"""Returns the bytes of the HTTP response, given the round and its valid signature; None: never answer."""


def http_response(status: str, body: bytes) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body


def round_response(number: int, signature: bytes, **more: object) -> bytes:
    return http_response("200 OK", orjson.dumps({"round": number, "signature": signature.hex(), **more}))


async def valid_signature(number: int) -> bytes:
    beacon_round = await BEACON.round(number)
    assert beacon_round.signature is not None
    return beacon_round.signature


def with_flipped_bit(signature: bytes) -> bytes:
    return signature[:-1] + bytes([signature[-1] ^ 1])


CORRECT: Answer = round_response
RELAYS: dict[str, Answer] = {
    "late": lambda _number, _signature: http_response("404 Not Found", b"{}"),
    "too early": lambda _number, _signature: http_response("425 Too Early", b""),
    "broken": lambda _number, _signature: http_response("500 Internal Server Error", b"oops"),
    "closing": lambda _number, _signature: b"",
    "silent": lambda _number, _signature: None,
    "not json": lambda _number, _signature: http_response("200 OK", b"<html>\xff</html>"),
    "a list": lambda _number, _signature: http_response("200 OK", b"[]"),
    "another round": lambda number, signature: round_response(number + 1, signature),
    "a flipped bit": lambda number, signature: round_response(number, with_flipped_bit(signature)),
    "infinity": lambda number, _signature: round_response(number, bytes([0xC0, *bytes(47)])),
    "no point": lambda number, _signature: round_response(number, b"\xff" * 48),
    "capital letters": lambda number, signature: http_response(
        "200 OK", orjson.dumps({"round": number, "signature": signature.hex().upper()})
    ),
    "endless": lambda number, signature: round_response(number, signature, padding="x" * 100_000),
}
INVALID = {"not json", "a list", "another round", "a flipped bit", "infinity", "no point", "capital letters", "endless"}


@asynccontextmanager
async def relay(answer: Answer) -> AsyncIterator[str]:
    """Run a relay on a free port; yield its address."""
    stopped = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = await reader.readline()
        number = int(line.split()[1].rsplit(b"/", 1)[1])
        content = answer(number, await valid_signature(number))
        if content is None:
            await stopped.wait()
        else:
            writer.write(content)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        stopped.set()
        server.close()
        await server.wait_closed()
