"""`python -m bench.growth`: the same operations with growing numbers of products and past orders.

The first rows are imported and ordered through the program; the rest are copies of them, made in bulk (see `volume`).
"""

import argparse
import asyncio
import math
from collections.abc import Mapping, Sequence

from bench.__main__ import burst
from bench.load import Burst, load
from bench.report import console, described
from bench.servers import BenchShop, open_bench_shop
from bench.volume import fill_orders, fill_products

_STEPS: Mapping[str, float] = {
    "list of 24, uncached": 1.5,
    "list of 24, next pages": 1.5,
    "list of 24, narrow price range": 1.5,
    "detail": 1.5,
    "search": 1.5,
    "search with facets": 1.5,
    "search for a common word": math.inf,
    "new cart and item": 2.0,
    "order placed and paid": 2.0,
}
"""The largest ratio of the CPU time of a step to its first one. A word in a sixth of the products has ever more
matches, up to the limit of the search; it is reported without a goal."""

_FIRST_ORDERS_SECONDS = 4.0


def main() -> None:
    """Measure as the arguments request, and print a table in Markdown."""
    asyncio.run(measure(_arguments()))


async def measure(arguments: argparse.Namespace) -> None:
    """Measure at each size, growing in between; all invariants are checked at the largest size."""
    sizes: dict[str, Mapping[str, Burst]] = {}
    first, *more = arguments.products
    async with open_bench_shop(products=first, report=console.print) as bench_shop:
        sizes[f"{first:,} products"] = await _at_this_size(bench_shop, first, arguments)
        existing = first
        for target in more:
            console.print(f"Growing to {target:,} products")
            await fill_products(bench_shop.admin, existing=existing, target=target)
            sizes[f"{target:,} products"] = await _at_this_size(bench_shop, target, arguments)
            existing = target
        console.print(f"Growing by {arguments.orders:,} orders")
        await fill_orders(bench_shop.admin, target=arguments.orders)
        await bench_shop.caught_up()
        await bench_shop.admin.execute("VACUUM ANALYZE")
        sizes[f"and {arguments.orders:,} orders"] = await _at_this_size(bench_shop, existing, arguments)
        await bench_shop.caught_up()
        proved = bench_shop.program.command("prove", seconds=1200)
    print(described(f"{arguments.clients} clients", f"{arguments.rounds} rounds of {arguments.seconds:g} s"))
    for line in table(sizes):
        print(line)
    print(f"\n`luxewin prove` ended with {proved.returncode} on the largest.")
    assert proved.returncode == 0, proved.stdout[-3000:]


async def _at_this_size(bench_shop: BenchShop, products: int, arguments: argparse.Namespace) -> Mapping[str, Burst]:
    server = await bench_shop.server(products=products)
    order = server.steps["order placed and paid"]
    # Every step runs once before it is measured, so that the first size is as warm as the others.
    await load(server.host, server.port, order, clients=arguments.clients, seconds=_FIRST_ORDERS_SECONDS)
    bursts = {name: Burst() for name in _STEPS}
    for _ in range(arguments.rounds):
        for name in bursts:
            bursts[name] += await burst(bench_shop, server, name, arguments.clients, arguments.seconds)
    return bursts


def table(sizes: Mapping[str, Mapping[str, Burst]]) -> Sequence[str]:
    """Return a row for each operation: rate and CPU time at each size, and the ratio to the first."""
    rows = [
        f"| operation | {' | '.join(f'{size}: per second, CPU ms' for size in sizes)} | ratio | allowed |",
        f"|---|{'---|' * (len(sizes) + 2)}",
    ]
    for name, allowed in _STEPS.items():
        bursts = [size[name] for size in sizes.values()]
        costs = [done.server_cpu_ms + done.database_cpu_ms for done in bursts]
        figures = " | ".join(f"{done.per_second:,.0f}, {cost:.2f}" for done, cost in zip(bursts, costs, strict=True))
        rows.append(f"| {name} | {figures} | {max(costs) / costs[0]:.2f} | {allowed:g} |")
    return rows


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.growth", description=__doc__)
    parser.add_argument("--products", type=int, nargs="+", default=[1000, 10_000, 100_000], help="sizes, growing")
    parser.add_argument("--orders", type=int, default=100_000, help="past orders at the end")
    parser.add_argument("--clients", type=int, default=16, help="at once")
    parser.add_argument("--rounds", type=int, default=2, help="how often each step is measured at a size")
    parser.add_argument("--seconds", type=float, default=2.0, help="how long each time")
    return parser.parse_args()


if __name__ == "__main__":
    main()
