"""A TCP proxy that injects network faults into every connection."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

_CHUNK_BYTES = 64 << 10
Connect = Callable[[], Coroutine[Any, Any, tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


class FaultProxy:
    """Forwards bytes with the configured faults, which can be changed while connections are open.

    `latency_seconds` is added to each chunk, `slice_bytes` is the size of a write, and `limit_bytes_per_second` the
    rate. While `black_hole` is set, all bytes are dropped silently, as by a dead link.
    """

    def __init__(self, connect: Connect) -> None:
        self.latency_seconds = 0.0
        self.slice_bytes: int | None = None
        self.limit_bytes_per_second: float | None = None
        self.black_hole = False
        self.most_connections = 0
        self.resets = 0
        self._connect = connect
        self._open: set[asyncio.StreamWriter] = set()
        self._serving: set[asyncio.Task[None]] = set()
        self._reset_on: bytes | None = None
        self._forwards_first = False

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[int]:
        """Accept connections while the block runs; yield the port on this machine."""
        server = await asyncio.start_server(self._begin, "127.0.0.1", 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            self.reset_all()
            await asyncio.gather(*self._serving)

    def reset_on(self, trigger: bytes, *, forwarded: bool) -> None:
        """Reset the next connection whose client sends these bytes, after or before forwarding them."""
        self._reset_on, self._forwards_first = trigger, forwarded

    def remove_faults(self) -> None:
        """Remove all faults; connections that lost bytes are reset."""
        was_black_hole, self.black_hole = self.black_hole, False
        self.latency_seconds, self.slice_bytes, self.limit_bytes_per_second = 0.0, None, None
        self._reset_on = None
        if was_black_hole:
            self.reset_all()

    def reset_all(self) -> None:
        """Reset every connection."""
        for writer in list(self._open):
            writer.transport.abort()

    def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(serving)
        serving.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        self.most_connections = max(self.most_connections, len(self._open))
        try:
            from_server, to_upstream = await self._connect()
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._forward(reader, to_upstream, to_server=writer))
                    group.create_task(self._forward(from_server, writer))
            finally:
                to_upstream.transport.abort()
        except* (OSError, _ClosedError):
            pass
        finally:
            self._open.discard(writer)
            writer.transport.abort()

    async def _forward(
        self,
        source: asyncio.StreamReader,
        target: asyncio.StreamWriter,
        *,
        to_server: asyncio.StreamWriter | None = None,
    ) -> None:
        """Forward one direction until it ends; `to_server` is the writer to the client if the client is the source."""
        while chunk := await source.read(_CHUNK_BYTES):
            if self.black_hole:
                continue
            if to_server is not None and self._reset_on is not None and self._reset_on in chunk:
                self._reset_on = None
                await self._reset(chunk if self._forwards_first else b"", target, to_server)
            await self._send(chunk, target)
        raise _ClosedError

    async def _reset(self, last: bytes, server: asyncio.StreamWriter, client: asyncio.StreamWriter) -> None:
        """Abort the client's connection; the server still processes what it has received."""
        self.resets += 1
        client.transport.abort()
        with suppress(OSError):
            await self._send(last, server)
            server.write_eof()
            await asyncio.sleep(0)
        raise _ClosedError

    async def _send(self, chunk: bytes, target: asyncio.StreamWriter) -> None:
        if self.latency_seconds:
            await asyncio.sleep(self.latency_seconds)
        size = self.slice_bytes or len(chunk) or 1
        for start in range(0, len(chunk), size):
            part = chunk[start : start + size]
            target.write(part)
            await target.drain()
            if self.slice_bytes is not None:
                await asyncio.sleep(0)  # otherwise the slices would be sent as one
            if self.limit_bytes_per_second is not None:
                await asyncio.sleep(len(part) / self.limit_bytes_per_second)


class _ClosedError(Exception):
    """One side has closed the connection, so the other side is closed as well."""
