"""`python -m bench.users`: thousands of shoppers at once, each with a connection kept open, who think between clicks.

Every user comes from an address of their own, so that the published rate limits hold for each as they do in a shop.
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
from bench.gauges import memory_megabytes, used_by
from bench.load import Burst, Step
from bench.report import PERCENTILES, console, described
from bench.rivals import Stage, open_stage

_MIX: Mapping[str, tuple[str, int]] = {
    "list of 24, cached": ("reads", 30),
    "list of 24, next pages": ("reads", 12),
    "detail": ("reads", 40),
    "search": ("reads", 8),
    "new cart and item": ("carts", 8),
    "order placed and paid": ("orders", 2),
}
"""Of a hundred clicks, how many are which step; an order is a cart, an item and a payment."""

_PUBLISHED_LIMITS = {"LUXEWIN_LIMIT_SCALE": "1"}
_CONNECTIONS_BESIDE_USERS = 100
_OPENING_AT_ONCE = 100
_FILES_BESIDE_CONNECTIONS = 1000
_READS_P95_MS = 100


@dataclass(slots=True)
class Crowd:
    """What all users have seen so far; what happens before `counts_from` is not counted."""

    counts_from: float = 0.0
    ends_at: float = 0.0
    bursts: dict[str, Burst] = field(default_factory=lambda: defaultdict(Burst))
    errors: list[str] = field(default_factory=list)


def main() -> None:
    """Measure what the arguments ask for, and print a table in Markdown."""
    asked = _arguments()
    _allow_files(asked.users + _FILES_BESIDE_CONNECTIONS)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(measure(asked))


async def measure(asked: argparse.Namespace) -> None:
    """Open all connections, let every user click once, then count for so many seconds."""
    environment = {**_PUBLISHED_LIMITS, "LUXEWIN_CONNECTIONS": str(asked.users + _CONNECTIONS_BESIDE_USERS)}
    async with open_stage(products=asked.products, tell=console.print, environment=environment) as stage:
        steps = (await stage.rival(products=asked.products)).steps
        connections = await _opened(stage, asked.users)
        now = time.perf_counter()
        crowd = Crowd(counts_from=now + 2 * asked.think, ends_at=now + 2 * asked.think + asked.seconds)
        console.print(f"All {asked.users:,} connections stand; measuring in {2 * asked.think:g} s")
        async with asyncio.TaskGroup() as group:
            for connection in connections:
                group.create_task(_shop(connection, steps, crowd, think_seconds=asked.think))
            used = await _cpu_seconds(stage, crowd)
            standing = sum(connection.is_open for connection in connections)  # later the idle ones are hung up on
        memory = max(memory_megabytes(pid) for pid in stage.api_pids())
        await stage.caught_up()
        proved = stage.program.command("prove")
    print(described(f"{asked.users:,} users, who think {asked.think:g} s on average", f"{asked.seconds:g} s"))
    for line in table(crowd, asked.seconds):
        print(line)
    print(
        f"\nOf {asked.users:,} connections {standing:,} stood at the end. {len(crowd.errors)} errors."
        f" CPU used: {used / asked.seconds:.2f} of {psutil.cpu_count()} cores. The API process holds {memory:.0f} MB."
        f" `luxewin prove` ended with {proved.returncode}."
    )
    for error in crowd.errors[:5]:
        print(f"- {error}")


async def _opened(stage: Stage, users: int) -> list[Connection]:
    places = asyncio.Semaphore(_OPENING_AT_ONCE)

    async def open_one(number: int) -> Connection:
        async with places:
            return await Connection.open(stage.host, stage.port, source=_address(number))

    with Progress(console=console, transient=True) as progress:
        opening = [asyncio.ensure_future(open_one(number)) for number in range(users)]
        return [await future for future in progress.track(opening, description="Connecting")]


def _address(number: int) -> str:
    """Return a loopback address that no other user has: the whole of 127.0.0.0/8 is this machine."""
    return f"127.{1 + number // 62500}.{number // 250 % 250}.{1 + number % 250}"


async def _shop(connection: Connection, steps: Mapping[str, Step], crowd: Crowd, *, think_seconds: float) -> None:
    """Think, click, look, and again; the first thought is as long as any, so that clicks come evenly."""
    names, weights = list(_MIX), [weight for _, weight in _MIX.values()]
    while True:
        await asyncio.sleep(random.uniform(0, 2 * think_seconds))  # noqa: S311 - a shopper's mood is no secret
        began = time.perf_counter()
        if began >= crowd.ends_at:
            return
        (name,) = random.choices(names, weights)  # noqa: S311 - as above
        try:
            await steps[name](connection, random.getrandbits(40))
        except (UnexpectedAnswerError, OSError, TimeoutError) as error:
            crowd.errors.append(f"{began - crowd.counts_from:+.2f} s, {name}: {error!r}"[:300])
            return
        if began >= crowd.counts_from:
            crowd.bursts[_MIX[name][0]].turns_seconds.append(time.perf_counter() - began)


async def _cpu_seconds(stage: Stage, crowd: Crowd) -> float:
    await asyncio.sleep(crowd.counts_from - time.perf_counter())
    before = used_by(stage.program.pid, stage.database_pid)
    await asyncio.sleep(crowd.ends_at - time.perf_counter())
    after = used_by(stage.program.pid, stage.database_pid)
    return after.server_seconds + after.database_seconds - before.server_seconds - before.database_seconds


def table(crowd: Crowd, seconds: float) -> Sequence[str]:
    """Return a row for each kind of click."""
    rows = ["| clicks | a second | p50 / p95 / p99 ms |", "|---|---|---|"]
    for kind in dict.fromkeys(kind for kind, _ in _MIX.values()):
        burst = crowd.bursts[kind]
        if burst.turns_seconds:
            times = " / ".join(f"{burst.percentile_ms(percent):.1f}" for percent in PERCENTILES)
            rows.append(f"| {kind} | {len(burst.turns_seconds) / seconds:,.0f} | {times} |")
    return [*rows, "", f"Goal: 95 of 100 reads within {_READS_P95_MS} ms, no error."]


def _allow_files(wanted: int) -> None:
    """Raise the limit of open files for this process and those it starts, as far as the system allows."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.users", description=__doc__)
    parser.add_argument("--users", type=int, default=10_000, help="at once, each with a connection")
    parser.add_argument("--think", type=float, default=30.0, help="seconds between two clicks of a user, on average")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long to count")
    parser.add_argument("--products", type=int, default=1000, help="how many the shop holds")
    return parser.parse_args()


if __name__ == "__main__":
    main()
