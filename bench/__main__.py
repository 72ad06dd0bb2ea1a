"""`make bench`: every step on the bare floor and on LuxeWin, in turn, and the figures of both side by side."""

import argparse
import asyncio
import platform
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import psutil
from rich.console import Console
from rich.progress import Progress

from bench.gauges import memory_megabytes, used_by
from bench.load import Burst, load
from bench.rivals import Arena, Rival, arena

_CPUINFO = Path("/proc/cpuinfo")
_WARM_UP_SECONDS = 0.5
_LOOK_AGAIN_SECONDS = 0.02
_PERCENTILES = (50, 95, 99)

Results = dict[tuple[str, int, str], Burst]
"""By the step, the number of clients, and the name of the server."""

console = Console(stderr=True, highlight=False)


def main() -> None:
    """Measure what the arguments ask for, and print a table in Markdown."""
    asked = _arguments()
    asyncio.run(measure(asked))


async def measure(asked: argparse.Namespace) -> None:
    """Take every step with every number of clients, a round at a time, so that a slow minute slows both servers."""
    results: Results = defaultdict(Burst)
    async with arena(products=asked.products, tell=console.print) as stage:
        names = asked.steps or list(stage.floor.steps)
        plan = [(name, clients) for _ in range(asked.rounds) for clients in asked.clients for name in names]
        with Progress(console=console, transient=True) as progress:
            for name, clients in progress.track(plan, description="Measuring"):
                for rival in (stage.floor, stage.shop):
                    results[name, clients, rival.name] += await burst(stage, rival, name, clients, asked.seconds)
        for line in [*described(asked), *table(results, stage), *processes(stage)]:
            print(line)


async def burst(stage: Arena, rival: Rival, name: str, clients: int, seconds: float) -> Burst:
    """Load one server with one step; the CPU time is all that it causes, the publishing of its events included."""
    step = rival.steps[name]
    await load(rival.host, rival.port, step, clients=clients, seconds=_WARM_UP_SECONDS)
    await settled(stage)
    before = used_by(rival.pid, stage.database_pid)
    done = await load(rival.host, rival.port, step, clients=clients, seconds=seconds)
    await settled(stage)
    after = used_by(rival.pid, stage.database_pid)
    done.server_cpu_seconds = after.server_seconds - before.server_seconds
    done.database_cpu_seconds = after.database_seconds - before.database_seconds
    return done


async def settled(stage: Arena) -> None:
    """Return once the relay has published all facts."""
    while await stage.events_waiting():  # noqa: ASYNC110 - what another process does can only be looked at
        await asyncio.sleep(_LOOK_AGAIN_SECONDS)


def described(asked: argparse.Namespace) -> Sequence[str]:
    """Say on what, when and how it was measured."""
    machine = f"{datetime.now(UTC):%Y-%m-%d}, {_processor()}, Python {platform.python_version()}"
    rounds = f"{asked.rounds} rounds of {asked.seconds:g} s"
    return [f"{machine}; {asked.products:,} products; {rounds}; clients, servers and database share the machine.", ""]


def table(results: Results, stage: Arena) -> Sequence[str]:
    """Return the rows: LuxeWin's figures, and the floor's throughput and CPU time beside them."""
    rows = [
        "| step | clients | a second | floor | share | p50 / p95 / p99 ms | CPU ms, server + database | floor |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, clients in [(step, many) for step in stage.floor.steps for many in _clients_of(results, step)]:
        ours, bare = results[name, clients, stage.shop.name], results[name, clients, stage.floor.name]
        times = " / ".join(f"{ours.percentile_ms(percent):.1f}" for percent in _PERCENTILES)
        rows.append(
            f"| {name} | {clients} | {ours.per_second:,.0f} | {bare.per_second:,.0f} "
            f"| {ours.per_second / bare.per_second:.0%} | {times} "
            f"| {ours.server_cpu_ms:.2f} + {ours.database_cpu_ms:.2f} "
            f"| {bare.server_cpu_ms:.2f} + {bare.database_cpu_ms:.2f} |"
        )
    return rows


def _clients_of(results: Results, name: str) -> Sequence[int]:
    return sorted({clients for step, clients, _ in results if step == name})


def processes(stage: Arena) -> Sequence[str]:
    """Return how the program began, and how large its processes have become."""
    shop = stage.shop.pid
    api = max(memory_megabytes(child.pid) for child in psutil.Process(shop).children() if _is_python(child))
    return ["", f"Started again in {stage.start_seconds:.1f} s. The API process holds {api:.0f} MB after the load."]


def _is_python(process: psutil.Process) -> bool:
    return process.name().startswith("python")


def _processor() -> str:
    lines = _CPUINFO.read_text(encoding="utf-8").splitlines() if _CPUINFO.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{len(models)} × {models[0]}" if models else platform.processor()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--products", type=int, default=1000, help="how many the shop holds")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 16, 64], help="at once")
    parser.add_argument("--rounds", type=int, default=3, help="how often each step is measured")
    parser.add_argument("--seconds", type=float, default=2.0, help="how long each time")
    parser.add_argument("--steps", nargs="+", help="which steps, by name; all of them by default")
    return parser.parse_args()


if __name__ == "__main__":
    main()
