"""`make bench`: measure every operation on LuxeWin and on the baseline server, alternately, and print both."""

import argparse
import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from rich.progress import Progress

from bench import sale
from bench.load import Burst, load
from bench.report import PERCENTILES, console, described
from bench.servers import BenchShop, Server, open_bench_shop, start_baseline
from bench.usage import memory_megabytes, used_by

_WARM_UP_SECONDS = 0.5

BESIDE_ORDERS = "list of 24, cached, while orders are placed"
_ORDERED = "order placed and paid"
_MOST: Mapping[str, int] = {"log in": 4}
"""The most clients of an operation: two threads hash passwords, and requests that would wait too long are rejected."""

_BESIDES: Mapping[str, tuple[str, str]] = {BESIDE_ORDERS: ("list of 24, cached", _ORDERED)}
"""Operations measured while a quarter as many clients run another one; the CPU time is that of both."""

Results = dict[tuple[str, int, str], Burst]
"""By operation, number of clients, and name of the server."""


def main() -> None:
    """Measure as the arguments request, and print a table in Markdown."""
    asyncio.run(measure(_arguments()))


async def measure(arguments: argparse.Namespace) -> None:
    """Measure every operation with every number of clients, alternating servers, so that noise affects both."""
    results: Results = defaultdict(Burst)
    async with (
        open_bench_shop(products=arguments.products, report=console.print) as bench_shop,
        start_baseline(bench_shop, products=arguments.products) as baseline,
    ):
        shop = await bench_shop.server(products=arguments.products)
        shop = replace(shop, steps={**shop.steps, **await sale.steps(bench_shop.program)})
        names = arguments.steps or [*baseline.steps, *_BESIDES]
        taken = [
            (name, clients) for clients in arguments.clients for name in names if clients <= _MOST.get(name, clients)
        ]
        plan = taken * arguments.rounds
        with Progress(console=console, transient=True) as progress:
            for name, clients in progress.track(plan, description="Measuring"):
                for server in (baseline, shop):
                    results[name, clients, server.name] += await burst(
                        bench_shop, server, name, clients, arguments.seconds
                    )
        print(described(f"{arguments.products:,} products", f"{arguments.rounds} rounds of {arguments.seconds:g} s"))
        for line in [*table(results, names), *tickets_beside_orders(results), *processes(bench_shop)]:
            print(line)


async def burst(bench_shop: BenchShop, server: Server, name: str, clients: int, seconds: float) -> Burst:
    """Load one server with one operation; the CPU time includes the publishing of its events."""
    await _apply_load(server, name, clients, _WARM_UP_SECONDS)
    await bench_shop.settled()
    before = used_by(server.pid, bench_shop.database_pid)
    done = await _apply_load(server, name, clients, seconds)
    await bench_shop.settled()
    after = used_by(server.pid, bench_shop.database_pid)
    done.server_cpu_seconds = after.server_seconds - before.server_seconds
    done.database_cpu_seconds = after.database_seconds - before.database_seconds
    return done


async def _apply_load(server: Server, name: str, clients: int, seconds: float) -> Burst:
    step, beside = _BESIDES.get(name, (name, None))
    async with asyncio.TaskGroup() as group:
        counted = group.create_task(
            load(server.host, server.port, server.steps[step], clients=clients, seconds=seconds)
        )
        if beside is not None:
            others = max(1, clients // 4)
            group.create_task(load(server.host, server.port, server.steps[beside], clients=others, seconds=seconds))
    return counted.result()


def table(results: Results, names: Sequence[str]) -> Sequence[str]:
    """Return the table: the figures of LuxeWin, and the rate and CPU time of the baseline."""
    rows = [
        (
            "| operation | clients | per second | baseline | share | p50 / p95 / p99 ms | CPU ms, server + database"
            " | baseline |"
        ),
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, clients in [(step, many) for step in names for many in _clients_of(results, step)]:
        ours, bare = results[name, clients, "LuxeWin"], results[name, clients, "baseline"]
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
    """Return the ratio of tickets to orders, if both were measured."""
    lines = []
    for clients in _clients_of(results, sale.BOUGHT):
        bought, ordered = (results.get((step, clients, "LuxeWin")) for step in (sale.BOUGHT, _ORDERED))
        if bought and ordered:
            lines.append(f"- {clients} clients: {bought.per_second / ordered.per_second:.2f} tickets for each order")
    return ["", *lines] if lines else []


def processes(bench_shop: BenchShop) -> Sequence[str]:
    """Return the duration of the warm start, and the memory of the API process."""
    api = max(memory_megabytes(pid) for pid in bench_shop.api_pids())
    started = f"{bench_shop.start_seconds:.1f} s from the command, on a stopped installation, to the first response"
    return ["", f"Warm start: {started}. The API process uses {api:.0f} MB after the load."]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--products", type=int, default=1000, help="number of products")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 16, 64], help="concurrent clients")
    parser.add_argument("--rounds", type=int, default=3, help="measurements of each operation")
    parser.add_argument("--seconds", type=float, default=2.0, help="duration of each measurement")
    parser.add_argument("--steps", nargs="+", help="operations by name; all by default")
    return parser.parse_args()


if __name__ == "__main__":
    main()
