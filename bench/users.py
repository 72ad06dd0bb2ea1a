"""`python -m bench.users`: thousands of concurrent shoppers, each with an open connection and pauses between requests.

Every user has a separate address, so that the documented rate limits apply to each as in production.
"""

import argparse
import asyncio
import random
import resource
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import psutil
import uvloop
from rich.progress import Progress

from bench.connection import Connection, UnexpectedAnswerError
from bench.load import Burst, Step
from bench.report import PERCENTILES, console, described
from bench.servers import BenchShop, open_bench_shop
from bench.usage import memory_megabytes, used_by

_MIX: Mapping[str, tuple[str, int]] = {
    "list of 24, cached": ("reads", 30),
    "list of 24, next pages": ("reads", 12),
    "detail": ("reads", 40),
    "search": ("reads", 8),
    "new cart and item": ("carts", 8),
    "order placed and paid": ("orders", 2),
}
"""The operations of a hundred requests; an order includes a cart, an item and a payment."""

_PUBLISHED_LIMITS = {"LUXEWIN_LIMIT_SCALE": "1"}
_CONNECTIONS_BESIDE_USERS = 100
_OPENING_AT_ONCE = 100
_FILES_BESIDE_CONNECTIONS = 1000
_READS_P95_MS = 100


@dataclass(slots=True)
class Users:
    """The results of all users; requests before `counts_from` are not counted."""

    counts_from: float = 0.0
    ends_at: float = 0.0
    bursts: dict[str, Burst] = field(default_factory=lambda: defaultdict(Burst))
    errors: list[str] = field(default_factory=list)


def main() -> None:
    """Measure as the arguments request, and print a table in Markdown."""
    arguments = _arguments()
    _allow_files(arguments.users + _FILES_BESIDE_CONNECTIONS)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(measure(arguments))


async def measure(arguments: argparse.Namespace) -> None:
    """Open all connections, let every user send a request, then measure."""
    most = str(arguments.users + _CONNECTIONS_BESIDE_USERS)
    environment = {
        **_PUBLISHED_LIMITS,
        "LUXEWIN_CONNECTIONS": most,
        "LUXEWIN_CONNECTIONS_PER_ADDRESS": most,
    }
    async with open_bench_shop(
        products=arguments.products, report=console.print, environment=environment
    ) as bench_shop:
        steps = (await bench_shop.server(products=arguments.products)).steps
        connections = await _opened(bench_shop, arguments.users)
        now = time.perf_counter()
        users = Users(counts_from=now + 2 * arguments.think, ends_at=now + 2 * arguments.think + arguments.seconds)
        console.print(f"All {arguments.users:,} connections are open; measuring in {2 * arguments.think:g} s")
        async with asyncio.TaskGroup() as group:
            for connection in connections:
                group.create_task(_shop(connection, steps, users, think_seconds=arguments.think))
            used = await _cpu_seconds(bench_shop, users)
            open_connections = sum(
                connection.is_open for connection in connections
            )  # later the server closes the idle ones
        memory = max(memory_megabytes(pid) for pid in bench_shop.api_pids())
        await bench_shop.caught_up()
        proved = bench_shop.program.command("prove")
    print(
        described(f"{arguments.users:,} users, who think {arguments.think:g} s on average", f"{arguments.seconds:g} s")
    )
    for line in table(users, arguments.seconds):
        print(line)
    print(
        f"\nOf {arguments.users:,} connections {open_connections:,} were open at the end. {len(users.errors)} errors."
        f" CPU: {used / arguments.seconds:.2f} of {psutil.cpu_count()} cores. The API process uses {memory:.0f} MB."
        f" `luxewin prove` ended with {proved.returncode}."
    )
    for error in users.errors[:5]:
        print(f"- {error}")


async def _opened(bench_shop: BenchShop, users: int) -> list[Connection]:
    places = asyncio.Semaphore(_OPENING_AT_ONCE)

    async def open_one(number: int) -> Connection:
        async with places:
            return await Connection.open(bench_shop.host, bench_shop.port, source=_address(number))

    with Progress(console=console, transient=True) as progress:
        opening = [asyncio.ensure_future(open_one(number)) for number in range(users)]
        return [await future for future in progress.track(opening, description="Connecting")]


def _address(number: int) -> str:
    """Return a unique loopback address; all of 127.0.0.0/8 is local."""
    return f"127.{1 + number // 62500}.{number // 250 % 250}.{1 + number % 250}"


async def _shop(connection: Connection, steps: Mapping[str, Step], users: Users, *, think_seconds: float) -> None:
    """Pause, send a request, and repeat; the first pause has the same distribution, so that requests are spread."""
    names, weights = list(_MIX), [weight for _, weight in _MIX.values()]
    while True:
        await asyncio.sleep(random.uniform(0, 2 * think_seconds))  # noqa: S311 - not security-relevant
        began = time.perf_counter()
        if began >= users.ends_at:
            return
        (name,) = random.choices(names, weights)  # noqa: S311 - as above
        try:
            await steps[name](connection, random.getrandbits(40))
        except (UnexpectedAnswerError, OSError, TimeoutError) as error:
            users.errors.append(f"{began - users.counts_from:+.2f} s, {name}: {error!r}"[:300])
            return
        if began >= users.counts_from:
            users.bursts[_MIX[name][0]].turns_seconds.append(time.perf_counter() - began)


async def _cpu_seconds(bench_shop: BenchShop, users: Users) -> float:
    await asyncio.sleep(users.counts_from - time.perf_counter())
    before = used_by(bench_shop.program.pid, bench_shop.database_pid)
    await asyncio.sleep(users.ends_at - time.perf_counter())
    after = used_by(bench_shop.program.pid, bench_shop.database_pid)
    return after.server_seconds + after.database_seconds - before.server_seconds - before.database_seconds


def table(users: Users, seconds: float) -> Sequence[str]:
    """Return a row for each kind of request."""
    rows = ["| requests | per second | p50 / p95 / p99 ms |", "|---|---|---|"]
    for kind in dict.fromkeys(kind for kind, _ in _MIX.values()):
        burst = users.bursts[kind]
        if burst.turns_seconds:
            times = " / ".join(f"{burst.percentile_ms(percent):.1f}" for percent in PERCENTILES)
            rows.append(f"| {kind} | {len(burst.turns_seconds) / seconds:,.0f} | {times} |")
    return [*rows, "", f"Goal: 95 of 100 reads within {_READS_P95_MS} ms, no error."]


def _allow_files(target: int) -> None:
    """Raise the limit of open files for this process and those it starts, as far as the system allows."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (target if hard == resource.RLIM_INFINITY else min(target, hard), hard))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.users", description=__doc__)
    parser.add_argument("--users", type=int, default=10_000, help="at once, each with a connection")
    parser.add_argument("--think", type=float, default=30.0, help="seconds between two clicks of a user, on average")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long to count")
    parser.add_argument("--products", type=int, default=1000, help="how many the shop holds")
    return parser.parse_args()


if __name__ == "__main__":
    main()
