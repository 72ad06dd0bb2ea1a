"""`python -m bench.flash_sale`: everybody wants the same thing, against the same load spread over many things.

The last burst sells a variant of which few are left, to its end: as many orders succeed as there were pieces.
"""

import argparse
import asyncio
from collections.abc import Sequence
from itertools import count

from bench import shop
from bench.connection import Connection, UnexpectedAnswerError
from bench.load import Burst, Step, load
from bench.report import PERCENTILES, console, described
from bench.rivals import Rival, Stage, open_stage

_PRODUCTS = 200
_WARM_UP_SECONDS = 0.5


def main() -> None:
    """Measure what the arguments ask for, and print a table in Markdown."""
    asyncio.run(measure(_arguments()))


async def measure(asked: argparse.Namespace) -> None:
    """Take turns between one variant and many, then sell out; the laws are proved at the end."""
    spread, hot = Burst(), Burst()
    async with open_stage(products=_PRODUCTS, tell=console.print) as stage:
        rival = await stage.rival(products=_PRODUCTS)
        many = rival.steps["order placed and paid"]
        one = shop.steps([await _product(stage, stock=1_000_000)])["order placed and paid"]
        for _ in range(asked.rounds):
            spread += await _ordered(rival, many, asked)
            hot += await _ordered(rival, one, asked)
        sold, left = await _sold_out(stage, pieces=asked.pieces, clients=asked.clients)
        await stage.caught_up()
        proved = stage.program.command("prove")
    print(described(f"{asked.clients} clients", f"{asked.rounds} rounds of {asked.seconds:g} s"))
    for line in table({"spread over 200 variants": spread, "all on one variant": hot}):
        print(line)
    print(f"\nOne variant, half the speed or more: {hot.per_second / spread.per_second:.0%}.")
    print(f"Of a variant with {asked.pieces} pieces, {sold} were sold to its end, {left} are left.")
    print(f"`luxewin prove` ended with {proved.returncode}.")
    assert (sold, left, proved.returncode) == (asked.pieces, 0, 0), proved.stdout


async def _ordered(rival: Rival, step: Step, asked: argparse.Namespace) -> Burst:
    await load(rival.host, rival.port, step, clients=asked.clients, seconds=_WARM_UP_SECONDS)
    return await load(rival.host, rival.port, step, clients=asked.clients, seconds=asked.seconds)


async def _product(stage: Stage, *, stock: int) -> str:
    client = await stage.program.admin()
    body = {"name": f"Flash piece of {stock}", "price": {"amount": 5000, "currency": "USD"}, "stock": stock}
    answer = await client.post("/products", json=body)
    await client.aclose()
    return str(answer.raise_for_status().json()["id"])


async def _sold_out(stage: Stage, *, pieces: int, clients: int) -> tuple[int, int]:
    """Let clients order until each of them is refused; return how many pieces were sold and how many are left."""
    product_id = await _product(stage, stock=pieces)
    order = shop.steps([product_id])["order placed and paid"]
    numbers = count(10_000_000)

    async def buy() -> int:
        connection, bought = await Connection.open(stage.host, stage.port), 0
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
    left = await stage.admin.fetchval(
        "SELECT s.on_hand FROM inventory_stock s JOIN catalog_variants v"
        " ON v.tenant_id = s.tenant_id AND v.id = s.variant_id WHERE v.product_id = $1::text::uuid",
        product_id,
    )
    return sold, left


def table(bursts: dict[str, Burst]) -> Sequence[str]:
    """Return a row for each way of ordering."""
    rows = ["| orders placed and paid | a second | p50 / p95 / p99 ms |", "|---|---|---|"]
    for name, burst in bursts.items():
        times = " / ".join(f"{burst.percentile_ms(percent):.1f}" for percent in PERCENTILES)
        rows.append(f"| {name} | {burst.per_second:,.0f} | {times} |")
    return rows


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.flash_sale", description=__doc__)
    parser.add_argument("--clients", type=int, default=16, help="at once")
    parser.add_argument("--rounds", type=int, default=3, help="how often each way is measured")
    parser.add_argument("--seconds", type=float, default=3.0, help="how long each time")
    parser.add_argument("--pieces", type=int, default=100, help="how many there are of what sells out")
    return parser.parse_args()


if __name__ == "__main__":
    main()
