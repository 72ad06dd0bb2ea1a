"""The connections of a real HTTP server, and clients that send raw bytes."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import cast

import uvicorn

from luxewin.kit.http.admission import OVER_CONNECTION_LIMIT, ClientLeft
from luxewin.kit.http.bodies import read_body
from luxewin.kit.http.connection_table import ConnectionTable
from luxewin.kit.http.connections import BoundedProtocol
from luxewin.kit.http.middleware import Receive, Scope, Send

MAX_CONNECTIONS = 2
LARGE_BYTES = 32 << 20
ASK = b"GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Recorder:
    """An application that records its requests, and which exceeded the limit of connections.

    It reads only the bodies sent to `/read`, and returns their size; the response to `/large` has 32 MiB.
    """

    def __init__(self) -> None:
        self.over_limit: list[bool] = []
        self.headers: list[list[tuple[bytes, bytes]]] = []
        self.began = asyncio.Event()
        self.go = asyncio.Event()
        self.left = asyncio.Event()

    @property
    def hosts(self) -> list[bytes]:
        """The `Host` of each request."""
        return [value for headers in self.headers for name, value in headers if name == b"host"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.over_limit.append(OVER_CONNECTION_LIMIT in scope)
        self.headers.append([*scope["headers"]])
        self.began.set()
        content = bytes(LARGE_BYTES) if scope["path"] == "/large" else b"ok"
        if scope["path"] == "/slow":
            await self.go.wait()
        if scope["path"] == "/until-gone":
            while (await receive())["type"] != "http.disconnect":
                pass
            self.left.set()
            return
        if scope["path"] == "/read":
            try:
                content = str(len(await read_body(receive, "0", largest_bytes=1 << 20))).encode()
            except ClientLeft:
                return
        length = str(len(content)).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
        await send({"type": "http.response.body", "body": content})


class Client:
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

    async def read(self, size: int) -> None:
        """Read so many bytes of responses and their heads."""
        async with asyncio.timeout(30):
            await self._reader.readexactly(size)

    async def rest(self) -> bytes:
        """Return the remaining data until the server closes the connection."""
        async with asyncio.timeout(30):
            return await self._reader.read()


class Served:
    """The application behind a real HTTP server of its own."""

    def __init__(self, port: int, app: Recorder, table: ConnectionTable, server: uvicorn.Server) -> None:
        self._port = port
        self.app = app
        self.table = table
        self.server = server
        self._clients: list[Client] = []

    async def connect(self) -> Client:
        client = Client(*await asyncio.open_connection("127.0.0.1", self._port))
        self._clients.append(client)
        return client

    def unsent_bytes(self) -> list[int]:
        """Return the number of bytes that each client has not taken, if any."""
        protocols = [each for each in self.server.server_state.connections if isinstance(each, BoundedProtocol)]
        return [each.unsent_bytes() for each in protocols if each.unsent_bytes()]

    def hang_up(self) -> None:
        for client in self._clients:
            client.writer.close()


async def serve_http() -> AsyncIterator[Served]:
    app = Recorder()
    table = ConnectionTable(most=MAX_CONNECTIONS, most_per_address=MAX_CONNECTIONS + 1)
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=0,
        http=cast("type[asyncio.Protocol]", partial(BoundedProtocol, table)),
        lifespan="off",
        log_config=None,
        proxy_headers=False,
        timeout_keep_alive=60,
    )
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    opened = Served(server.servers[0].sockets[0].getsockname()[1], app, table, server)
    yield opened
    opened.hang_up()
    await server.shutdown()
