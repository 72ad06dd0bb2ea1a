"""Clients that each repeat an operation as fast as the server responds."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Self

from bench.connection import Connection

Step = Callable[[Connection, int], Awaitable[None]]
"""One operation of a client, with its connection and a unique number."""

_PERCENT = 100


@dataclass(slots=True)
class Burst:
    """The result of a load: the duration of each operation, and the total CPU time."""

    seconds: float = 0.0
    turns_seconds: list[float] = field(default_factory=list)
    server_cpu_seconds: float = 0.0
    database_cpu_seconds: float = 0.0

    def __iadd__(self, other: "Burst") -> Self:
        self.seconds += other.seconds
        self.turns_seconds += other.turns_seconds
        self.server_cpu_seconds += other.server_cpu_seconds
        self.database_cpu_seconds += other.database_cpu_seconds
        return self

    @property
    def per_second(self) -> float:
        """Operations per second of all clients."""
        return len(self.turns_seconds) / self.seconds

    def percentile_ms(self, percent: int) -> float:
        """Return a percentile of the durations, in milliseconds."""
        turns = sorted(self.turns_seconds)
        return 1000 * turns[min(len(turns) * percent // _PERCENT, len(turns) - 1)]

    @property
    def server_cpu_ms(self) -> float:
        """CPU time of an operation in the processes of the server, without the database, in milliseconds."""
        return 1000 * self.server_cpu_seconds / len(self.turns_seconds)

    @property
    def database_cpu_ms(self) -> float:
        """CPU time of an operation in the processes of the database, in milliseconds."""
        return 1000 * self.database_cpu_seconds / len(self.turns_seconds)


_turns = count()


async def load(host: str, port: int, step: Step, *, clients: int, seconds: float) -> Burst:
    """Let clients repeat the operation, and return the result.

    Raises:
        UnexpectedAnswerError: an operation failed.
    """
    connections = [await Connection.open(host, port) for _ in range(clients)]
    burst = Burst()
    began = time.perf_counter()

    async def repeat(connection: Connection) -> None:
        now = time.perf_counter()
        while now < began + seconds:
            await step(connection, next(_turns))
            before, now = now, time.perf_counter()
            burst.turns_seconds.append(now - before)

    try:
        async with asyncio.TaskGroup() as group:
            for connection in connections:
                group.create_task(repeat(connection))
    finally:
        for connection in connections:
            connection.close()
    burst.seconds = time.perf_counter() - began
    return burst
