"""Clients in a separate process, either in closed loops or at a fixed rate (an open loop).

`python -m bench.offer` reads the load as JSON from its standard input, and writes the outcome to its standard output.
"""

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import count, cycle
from typing import Self

import orjson
import uvloop

from bench.connection import Connection, UnexpectedAnswerError, request
from bench.shop import API, order_of

_TICK_SECONDS = 0.005
_CREATED = 201
_OK = 200
_PAUSE_AFTER_REFUSAL_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A load: operations, duration and connections; `rate` is in operations per second, None for closed loops.

    `run` identifies the orders of this load; `mix` contains the relative frequency of each operation.
    """

    host: str
    port: int
    run: str
    products: Sequence[str]
    mix: Mapping[str, int]
    seconds: float
    connections: int
    rate: float | None = None


@dataclass(slots=True)
class Outcome:
    """The outcome: durations of served operations, and counts of rejected ones by status."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0
    served_seconds: dict[str, list[float]] = field(default_factory=dict)
    refused: dict[str, dict[str, int]] = field(default_factory=dict)

    def __iadd__(self, other: "Outcome") -> Self:
        self.seconds += other.seconds
        self.cpu_seconds += other.cpu_seconds
        for step, times in other.served_seconds.items():
            self.served_seconds.setdefault(step, []).extend(times)
        for step, statuses in other.refused.items():
            mine = self.refused.setdefault(step, {})
            for status, many in statuses.items():
                mine[status] = mine.get(status, 0) + many
        return self

    def add(self, step: str, status: int, seconds: float) -> None:
        """Add the outcome of one operation."""
        if status == _OK:
            self.served_seconds.setdefault(step, []).append(seconds)
        else:
            statuses = self.refused.setdefault(step, {})
            statuses[str(status)] = statuses.get(str(status), 0) + 1


CUT, SILENT, UNSENT = 0, 1, 2
"""Codes instead of a status: the connection ended, no response came, no connection was free."""

Step = Callable[[Connection], Awaitable[int]]


def steps(offer: Offer) -> Mapping[str, Step]:
    """Return the operations of a client; each returns the status, 200 if it was completed."""
    turns, ids = count(), cycle(offer.products)
    items = [
        request("POST", f"{API}/cart/items", body={"product_id": product, "quantity": 1}) for product in offer.products
    ]
    carts = cycle(items)

    async def read_list(connection: Connection) -> int:
        target = f"{API}/products?limit=24&max_price={10**9 + next(turns)}"
        return (await connection.ask(request("GET", target))).status

    async def read_detail(connection: Connection) -> int:
        return (await connection.ask(request("GET", f"{API}/products/{next(ids)}"))).status

    async def fill_cart(connection: Connection) -> int:
        status = (await connection.ask(next(carts))).status
        return _OK if status == _CREATED else status

    async def order(connection: Connection) -> int:
        filled = await connection.ask(next(carts))
        if filled.status != _CREATED:
            return filled.status
        token = filled.headers[b"x-cart-token"].decode()
        headers = {"X-Cart-Token": token, "Idempotency-Key": f"{offer.run}-{next(turns)}"}
        target = request("POST", f"{API}/orders", body=order_of(f"{offer.run}@example.com"), headers=headers)
        status = (await connection.ask(target)).status
        return _OK if status == _CREATED else status

    return {"list": read_list, "detail": read_detail, "cart": fill_cart, "order": order}


class Clients:
    """The connections, and the outcome of the operations sent on them."""

    def __init__(self, offer: Offer) -> None:
        self.outcome = Outcome()
        self._offer = offer
        self._steps = steps(offer)
        self._order = cycle(_interleaved(offer.mix))
        self._free: list[Connection] = []

    async def open(self) -> None:
        """Connect."""
        self._free = [await self._connect() for _ in range(self._offer.connections)]

    async def run_closed_loops(self) -> None:
        """Let every connection repeat operations for the duration of the load."""
        end = time.perf_counter() + self._offer.seconds
        async with asyncio.TaskGroup() as group:
            for connection in self._free:
                group.create_task(self._repeat(connection, end))

    async def arrive(self, rate: float) -> None:
        """Send operations at the rate on free connections; without a free one, an operation is not sent."""
        began, sent = time.perf_counter(), 0
        async with asyncio.TaskGroup() as group:
            while (elapsed := time.perf_counter() - began) < self._offer.seconds:
                while sent < elapsed * rate:
                    due = began + sent / rate
                    sent += 1
                    if self._free:
                        group.create_task(self._visit(self._free.pop(), due))
                    else:
                        self.outcome.add(next(self._order), UNSENT, 0)
                await asyncio.sleep(_TICK_SECONDS)

    async def _repeat(self, connection: Connection, end: float) -> None:
        while (now := time.perf_counter()) < end:
            connection, status = await self._step(connection, now)
            if status != _OK:
                await asyncio.sleep(_PAUSE_AFTER_REFUSAL_SECONDS)

    async def _visit(self, connection: Connection, due: float) -> None:
        connection, _ = await self._step(connection, due)
        self._free.append(connection)

    async def _step(self, connection: Connection, due: float) -> tuple[Connection, int]:
        """Run the next operation; its duration counts from its due time, so that our own delay is included."""
        name = next(self._order)
        try:
            status = await self._steps[name](connection)
        except (UnexpectedAnswerError, TimeoutError) as failure:
            status = SILENT if isinstance(failure, TimeoutError) else CUT
            connection.close()
            connection = await self._connect()
        self.outcome.add(name, status, time.perf_counter() - due)
        return connection, status

    async def _connect(self) -> Connection:
        return await Connection.open(self._offer.host, self._offer.port)


async def carry_out(offer: Offer) -> Outcome:
    """Apply the load and return its outcome."""
    clients = Clients(offer)
    await clients.open()
    began, cpu_began = time.perf_counter(), time.process_time()
    if offer.rate is None:
        await clients.run_closed_loops()
    else:
        await clients.arrive(offer.rate)
    clients.outcome.seconds = time.perf_counter() - began
    clients.outcome.cpu_seconds = time.process_time() - cpu_began
    return clients.outcome


def _interleaved(mix: Mapping[str, int]) -> list[str]:
    """Return the operations of the mix, evenly spread over time."""
    whole, taken = sum(mix.values()), Counter[str]()
    order = []
    for turn in range(1, whole + 1):
        name = max(mix, key=lambda step: mix[step] * turn / whole - taken[step])
        taken[name] += 1
        order.append(name)
    return order


if __name__ == "__main__":
    arguments = Offer(**orjson.loads(sys.stdin.buffer.read()))
    outcome = orjson.dumps(asdict(uvloop.run(carry_out(arguments))))
    with open(sys.stdout.fileno(), "wb", closefd=False) as output:  # buffered, whatever PYTHONUNBUFFERED says
        output.write(outcome)
