"""`python -m bench.growth`: the same steps as the shop grows, in its products and in its past orders.

The first rows are imported and ordered as people do; the rest are copies of them, made in bulk (see `volume`).
"""

import argparse
import asyncio
import math
from collections.abc import Mapping, Sequence

from bench.__main__ import burst
from bench.load import Burst, load
from bench.report import console, described
from bench.rivals import Stage, open_stage
from bench.volume import fill_orders, fill_products

_STEPS: Mapping[str, float] = {
    "list of 24, uncached": 1.5,
    "list of 24, next pages": 1.5,
    "list of 24, few in price": 1.5,
    "detail": 1.5,
    "search": 1.5,
    "search with facets": 1.5,
    "search, a sixth fits": math.inf,
    "new cart and item": 2.0,
    "order placed and paid": 2.0,
}
"""How many times its first CPU time a step may take. A word that a sixth of the shop has finds more and more, up to the
bounds of the search; it is told, and has no goal."""

_FIRST_ORDERS_SECONDS = 4.0


def main() -> None:
    """Measure what the arguments ask for, and print a table in Markdown."""
    asyncio.run(measure(_arguments()))


async def measure(asked: argparse.Namespace) -> None:
    """Measure at each size, growing in between; the laws are proved on the largest."""
    sizes: dict[str, Mapping[str, Burst]] = {}
    first, *more = asked.products
    async with open_stage(products=first, tell=console.print) as stage:
        sizes[f"{first:,} products"] = await _at_this_size(stage, first, asked)
        having = first
        for wanted in more:
            console.print(f"Growing to {wanted:,} products")
            await fill_products(stage.admin, having=having, wanted=wanted)
            sizes[f"{wanted:,} products"] = await _at_this_size(stage, wanted, asked)
            having = wanted
        console.print(f"Growing by {asked.orders:,} orders")
        await fill_orders(stage.admin, wanted=asked.orders)
        await stage.caught_up()
        await stage.admin.execute("VACUUM ANALYZE")
        sizes[f"and {asked.orders:,} orders"] = await _at_this_size(stage, having, asked)
        await stage.caught_up()
        proved = stage.program.command("prove", seconds=1200)
    print(described(f"{asked.clients} clients", f"{asked.rounds} rounds of {asked.seconds:g} s"))
    for line in table(sizes):
        print(line)
    print(f"\n`luxewin prove` ended with {proved.returncode} on the largest.")
    assert proved.returncode == 0, proved.stdout[-3000:]


async def _at_this_size(stage: Stage, products: int, asked: argparse.Namespace) -> Mapping[str, Burst]:
    rival = await stage.rival(products=products)
    order = rival.steps["order placed and paid"]
    # Every step has been taken before it is measured, so that the first size is no colder than the others.
    await load(rival.host, rival.port, order, clients=asked.clients, seconds=_FIRST_ORDERS_SECONDS)
    bursts = {name: Burst() for name in _STEPS}
    for _ in range(asked.rounds):
        for name in bursts:
            bursts[name] += await burst(stage, rival, name, asked.clients, asked.seconds)
    return bursts


def table(sizes: Mapping[str, Mapping[str, Burst]]) -> Sequence[str]:
    """Return a row for each step: its rate and its CPU time at each size, and how far it fell behind the first."""
    rows = [
        f"| step | {' | '.join(f'{size}: a second, CPU ms' for size in sizes)} | times the first CPU | allowed |",
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
