"""The cost of metrics: processor time of the metrics of a request and of a connection.

python -m bench.watching
"""

import asyncio
import os
import tempfile
import time
from collections.abc import Callable, Coroutine
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

TURNS, REPEATS = 5, 20_000
SCOPE = {"method": "GET", "path": "/api/v1/products", "luxewin.route": "/api/v1/products", "state": {}}


class Pool:
    """A stub of a pool that always has a connection."""

    def get_max_size(self) -> int:
        """Return its size."""
        return 16

    async def acquire(self, *, timeout: float) -> object:  # noqa: ASYNC109 - as in the real pool
        """Return a connection."""
        return timeout

    async def release(self, _connection: object, *, timeout: float) -> None:  # noqa: ASYNC109 - as above
        """Release it."""


async def main() -> None:
    """Measure each alternately, and print the minimum of each."""
    from luxewin.kit.http.request_telemetry import record_request  # noqa: PLC0415 - after the folder of the metrics is named
    from luxewin.kit.observability.pools import MeasuredPool  # noqa: PLC0415 - as above

    answered, pool = SimpleNamespace(status=200), Pool()
    watched = MeasuredPool(pool, role="app")  # type: ignore[arg-type]  # only three methods are used

    async def nothing() -> None:
        with nullcontext():
            pass

    async def request() -> None:
        with record_request(SCOPE, answered, {}, "a-request"):
            pass

    async def bare() -> None:
        await pool.release(await pool.acquire(timeout=1), timeout=1)

    async def connection() -> None:
        await watched.release(await watched.acquire(timeout_seconds=1), timeout_seconds=1)

    steps = (nothing, request, bare, connection)
    turns = [[await microseconds(step) for step in steps] for _ in range(TURNS)]
    least = [min(turn) for turn in zip(*turns, strict=True)]
    print(f"the metrics of a request cost {least[1] - least[0]:.1f} µs")
    print(f"the metrics of a connection cost {least[3] - least[2]:.1f} µs")


async def microseconds(step: Callable[[], Coroutine[Any, Any, None]]) -> float:
    """Return the processor time of one step."""
    begun = time.process_time()
    for _ in range(REPEATS):
        await step()
    return (time.process_time() - begun) / REPEATS * 1e6


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        asyncio.run(main())
