"""Relays of drand as they are met: honest, late, lying, stammering, silent, endless."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import orjson

from luxewin.modules.raffles.beacons.local import LocalBeacon

NOW = 1_800_000_000.0
BEACON = LocalBeacon(b"only in tests", clock=lambda: NOW)
DUE = BEACON.chain.first_round_at(int(NOW)) - 10
Answer = Callable[[int, bytes], bytes | None]
"""Makes the bytes on the wire from the round and its true signature; None: not a word."""


def http(status: str, body: bytes) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body


def telling(number: int, signature: bytes, **more: object) -> bytes:
    return http("200 OK", orjson.dumps({"round": number, "signature": signature.hex(), **more}))


async def true_signature(number: int) -> bytes:
    heard = await BEACON.round(number)
    assert heard.signature is not None
    return heard.signature


def flipped(signature: bytes) -> bytes:
    return signature[:-1] + bytes([signature[-1] ^ 1])


HONEST: Answer = telling
RELAYS: dict[str, Answer] = {
    "late": lambda _number, _signature: http("404 Not Found", b"{}"),
    "too early": lambda _number, _signature: http("425 Too Early", b""),
    "broken": lambda _number, _signature: http("500 Internal Server Error", b"oops"),
    "hanging up": lambda _number, _signature: b"",
    "silent": lambda _number, _signature: None,
    "no json": lambda _number, _signature: http("200 OK", b"<html>\xff</html>"),
    "a list": lambda _number, _signature: http("200 OK", b"[]"),
    "another round": lambda number, signature: telling(number + 1, signature),
    "a flipped bit": lambda number, signature: telling(number, flipped(signature)),
    "infinity": lambda number, _signature: telling(number, bytes([0xC0, *bytes(47)])),
    "no point": lambda number, _signature: telling(number, b"\xff" * 48),
    "capital letters": lambda number, signature: http(
        "200 OK", orjson.dumps({"round": number, "signature": signature.hex().upper()})
    ),
    "endless": lambda number, signature: telling(number, signature, padding="x" * 100_000),
}
LIARS = {"no json", "a list", "another round", "a flipped bit", "infinity", "no point", "capital letters", "endless"}


@asynccontextmanager
async def relay(answer: Answer) -> AsyncIterator[str]:
    """Run a relay on a port of its own; yield its address."""
    over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = await reader.readline()
        number = int(line.split()[1].rsplit(b"/", 1)[1])
        said = answer(number, await true_signature(number))
        if said is None:
            await over.wait()
        else:
            writer.write(said)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        over.set()
        server.close()
        await server.wait_closed()
