"""`python -m bench.flash_sale`: orders of one variant, compared with orders spread over many variants.

The last run sells a variant with a few units until it is sold out: as many orders succeed as there were units.
"""

import argparse
import asyncio
from collections.abc import Sequence
from itertools import count

from bench import shop
from bench.connection import Connection, UnexpectedAnswerError
from bench.load import Burst, Step, load
from bench.report import PERCENTILES, console, described
from bench.servers import BenchShop, Server, open_bench_shop

_PRODUCTS = 200
_WARM_UP_SECONDS = 0.5


def main() -> None:
    """Measure as the arguments request, and print a table in Markdown."""
    asyncio.run(measure(_arguments()))


async def measure(arguments: argparse.Namespace) -> None:
    """Alternate between one variant and many, then sell out; all invariants are checked at the end."""
    spread, hot = Burst(), Burst()
    async with open_bench_shop(products=_PRODUCTS, report=console.print) as bench_shop:
        server = await bench_shop.server(products=_PRODUCTS)
        many = server.steps["order placed and paid"]
        one = shop.steps([await _product(bench_shop, stock=1_000_000)])["order placed and paid"]
        for _ in range(arguments.rounds):
            spread += await _ordered(server, many, arguments)
            hot += await _ordered(server, one, arguments)
        sold, left = await _sold_out(bench_shop, pieces=arguments.pieces, clients=arguments.clients)
        await bench_shop.caught_up()
        proved = bench_shop.program.command("prove")
    print(described(f"{arguments.clients} clients", f"{arguments.rounds} rounds of {arguments.seconds:g} s"))
    for line in table({"spread over 200 variants": spread, "all on one variant": hot}):
        print(line)
    print(f"\nOne variant, at least half the rate: {hot.per_second / spread.per_second:.0%}.")
    print(f"Of a variant with {arguments.pieces} units, {sold} were sold, {left} are left.")
    print(f"`luxewin prove` ended with {proved.returncode}.")
    assert (sold, left, proved.returncode) == (arguments.pieces, 0, 0), proved.stdout


async def _ordered(server: Server, step: Step, arguments: argparse.Namespace) -> Burst:
    await load(server.host, server.port, step, clients=arguments.clients, seconds=_WARM_UP_SECONDS)
    return await load(server.host, server.port, step, clients=arguments.clients, seconds=arguments.seconds)


async def _product(bench_shop: BenchShop, *, stock: int) -> str:
    client = await bench_shop.program.admin()
    body = {"name": f"Flash piece of {stock}", "price": {"amount": 5000, "currency": "USD"}, "stock": stock}
    answer = await client.post("/products", json=body)
    await client.aclose()
    return str(answer.raise_for_status().json()["id"])


async def _sold_out(bench_shop: BenchShop, *, pieces: int, clients: int) -> tuple[int, int]:
    """Let clients order until each receives `sold_out`; return the numbers of units sold and left."""
    product_id = await _product(bench_shop, stock=pieces)
    order = shop.steps([product_id])["order placed and paid"]
    numbers = count(10_000_000)

    async def buy() -> int:
        connection, bought = await Connection.open(bench_shop.host, bench_shop.port), 0
        while True:
            try:
                await order(connection, next(numbers))
            except UnexpectedAnswerError as refused:
                if b"inventory.sold_out" not in refused.body:
                    raise
                connection.close()
                return bought
            bought += 1

    sold = sum(await asyncio.gather(*(buy() for _ in range(clients))))
    left = await bench_shop.admin.fetchval(
        "SELECT s.on_hand FROM inventory_stock s JOIN catalog_variants v"
        " ON v.tenant_id = s.tenant_id AND v.id = s.variant_id WHERE v.product_id = $1::text::uuid",
        product_id,
    )
    return sold, left


def table(bursts: dict[str, Burst]) -> Sequence[str]:
    """Return a row for each kind of load."""
    rows = ["| orders placed and paid | per second | p50 / p95 / p99 ms |", "|---|---|---|"]
    for name, burst in bursts.items():
        times = " / ".join(f"{burst.percentile_ms(percent):.1f}" for percent in PERCENTILES)
        rows.append(f"| {name} | {burst.per_second:,.0f} | {times} |")
    return rows


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.flash_sale", description=__doc__)
    parser.add_argument("--clients", type=int, default=16, help="at once")
    parser.add_argument("--rounds", type=int, default=3, help="how often each way is measured")
    parser.add_argument("--seconds", type=float, default=3.0, help="how long each time")
    parser.add_argument("--pieces", type=int, default=100, help="units of the variant that sells out")
    return parser.parse_args()


if __name__ == "__main__":
    main()
