"""`make bench`: every step on the bare floor and on LuxeWin, in turn, and the figures of both side by side."""

import argparse
import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from rich.progress import Progress

from bench import sale
from bench.gauges import memory_megabytes, used_by
from bench.load import Burst, load
from bench.report import PERCENTILES, console, described
from bench.rivals import Rival, Stage, bare_floor, open_stage

_WARM_UP_SECONDS = 0.5

BESIDE_ORDERS = "list of 24, cached, while orders run"
_ORDERED = "order placed and paid"
_MOST: Mapping[str, int] = {"log in": 4}
"""Two threads hash passwords, a quarter of a second each; whoever would wait for seconds is refused."""

_BESIDES: Mapping[str, tuple[str, str]] = {BESIDE_ORDERS: ("list of 24, cached", _ORDERED)}
"""Steps that are taken while a quarter as many clients take another: CPU time is then that of both."""

Results = dict[tuple[str, int, str], Burst]
"""By the step, the number of clients, and the name of the server."""


def main() -> None:
    """Measure what the arguments ask for, and print a table in Markdown."""
    asyncio.run(measure(_arguments()))


async def measure(asked: argparse.Namespace) -> None:
    """Take every step with every number of clients, a round at a time, so that a slow minute slows both servers."""
    results: Results = defaultdict(Burst)
    async with (
        open_stage(products=asked.products, tell=console.print) as stage,
        bare_floor(stage, products=asked.products) as floor,
    ):
        shop = await stage.rival(products=asked.products)
        shop = replace(shop, steps={**shop.steps, **await sale.steps(stage.program)})
        names = asked.steps or [*floor.steps, *_BESIDES]
        taken = [(name, clients) for clients in asked.clients for name in names if clients <= _MOST.get(name, clients)]
        plan = taken * asked.rounds
        with Progress(console=console, transient=True) as progress:
            for name, clients in progress.track(plan, description="Measuring"):
                for rival in (floor, shop):
                    results[name, clients, rival.name] += await burst(stage, rival, name, clients, asked.seconds)
        print(described(f"{asked.products:,} products", f"{asked.rounds} rounds of {asked.seconds:g} s"))
        for line in [*table(results, names), *tickets_beside_orders(results), *processes(stage)]:
            print(line)


async def burst(stage: Stage, rival: Rival, name: str, clients: int, seconds: float) -> Burst:
    """Load one server with one step; the CPU time is all that it causes, the publishing of its events included."""
    await _loaded(rival, name, clients, _WARM_UP_SECONDS)
    await stage.settled()
    before = used_by(rival.pid, stage.database_pid)
    done = await _loaded(rival, name, clients, seconds)
    await stage.settled()
    after = used_by(rival.pid, stage.database_pid)
    done.server_cpu_seconds = after.server_seconds - before.server_seconds
    done.database_cpu_seconds = after.database_seconds - before.database_seconds
    return done


async def _loaded(rival: Rival, name: str, clients: int, seconds: float) -> Burst:
    step, beside = _BESIDES.get(name, (name, None))
    async with asyncio.TaskGroup() as group:
        counted = group.create_task(load(rival.host, rival.port, rival.steps[step], clients=clients, seconds=seconds))
        if beside is not None:
            others = max(1, clients // 4)
            group.create_task(load(rival.host, rival.port, rival.steps[beside], clients=others, seconds=seconds))
    return counted.result()


def table(results: Results, names: Sequence[str]) -> Sequence[str]:
    """Return the rows: LuxeWin's figures, and the floor's throughput and CPU time beside them."""
    rows = [
        "| step | clients | a second | floor | share | p50 / p95 / p99 ms | CPU ms, server + database | floor |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, clients in [(step, many) for step in names for many in _clients_of(results, step)]:
        ours, bare = results[name, clients, "LuxeWin"], results[name, clients, "floor"]
        times = " / ".join(f"{ours.percentile_ms(percent):.1f}" for percent in PERCENTILES)
        rows.append(
            f"| {name} | {clients} | {ours.per_second:,.0f} | {bare.per_second:,.0f} "
            f"| {ours.per_second / bare.per_second:.0%} | {times} "
            f"| {ours.server_cpu_ms:.2f} + {ours.database_cpu_ms:.2f} "
            f"| {bare.server_cpu_ms:.2f} + {bare.database_cpu_ms:.2f} |"
        )
    return rows


def _clients_of(results: Results, name: str) -> Sequence[int]:
    return sorted({clients for step, clients, _ in results if step == name})


def tickets_beside_orders(results: Results) -> Sequence[str]:
    """Return how many tickets were bought for each order that was placed, where both were measured."""
    lines = []
    for clients in _clients_of(results, sale.BOUGHT):
        bought, ordered = (results.get((step, clients, "LuxeWin")) for step in (sale.BOUGHT, _ORDERED))
        if bought and ordered:
            lines.append(f"- {clients} clients: {bought.per_second / ordered.per_second:.2f} tickets for each order")
    return ["", *lines] if lines else []


def processes(stage: Stage) -> Sequence[str]:
    """Return how the program began, and how large its processes have become."""
    api = max(memory_megabytes(pid) for pid in stage.api_pids())
    started = f"{stage.start_seconds:.1f} s from the command, on a stopped installation, to the API's first answer"
    return ["", f"Warm start: {started}. The API process holds {api:.0f} MB after the load."]


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
