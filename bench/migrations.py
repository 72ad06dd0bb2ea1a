"""`python -m bench.migrations`: run migrations while a large shop is in use, and measure the longest requests.

A shop is filled with products and orders in bulk. Then clients list, read and order without a pause: first without
migrations, then with migrations like those of a new version. A failed request ends the benchmark; the result is the
longest request.
"""

import argparse
import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
from rich.console import Console

import luxewin.migrations.driving  # noqa: F401 - Alembic is loaded before the measurement
from bench.load import Burst, Step, load
from bench.shop import steps
from luxewin.configuration import SETTINGS_EXTENSIONS
from luxewin.migrations.migrating import migrate
from luxewin.runtime.installation import Installation
from tests.program import Program

TRIAL = Path(__file__).with_name("trial_revisions")
_FILLING = Path(__file__).with_name("filling.sql")
_STEPS = ("list of 24, uncached", "detail", "order placed and paid")
_BURST_SECONDS = 0.5
_FRESH = 200
"""The number of products that are read and ordered; the others fill the tables."""

console = Console(stderr=True, highlight=False)


@dataclass(slots=True)
class Trial:
    """The requests of the clients, by operation, without and with migrations."""

    alone: dict[str, Burst] = field(default_factory=dict)
    beside: dict[str, Burst] = field(default_factory=dict)
    report: list[str] = field(default_factory=list)


async def trial(program: Program, *, products: int, orders: int, clients: int, seconds: float) -> Trial:
    """Fill the running program's shop, and migrate it while clients use it.

    Raises:
        UnexpectedAnswerError: a request failed.
    """
    installation = Installation.find(program.environment, SETTINGS_EXTENSIONS)
    slugs = await fill(installation, products=products, orders=orders)
    host, _, port = program.url.removeprefix("http://").partition(":")
    usual = {name: step for name, step in steps(slugs).items() if name in _STEPS}
    seen = Trial()
    await _run_clients(usual, seen.alone, (host, int(port)), clients, asyncio.create_task(asyncio.sleep(seconds)))
    connect, logins = installation.owner.connect_arguments(), installation.logins()

    def migrated() -> bool:
        return asyncio.run(migrate(connect, logins, report=seen.report.append, more_versions=[TRIAL]))

    # In a separate thread, so that the work of Alembic between two statements does not delay the clients.
    migrating = asyncio.create_task(asyncio.to_thread(migrated))
    await _run_clients(usual, seen.beside, (host, int(port)), clients, migrating)
    return seen


async def fill(installation: Installation, *, products: int, orders: int) -> Sequence[str]:
    """Fill the default tenant by sets, and return the ids of products that can be bought."""
    connection = await asyncpg.connect(**installation.owner.connect_arguments())
    try:
        tenant_id = await connection.fetchval(
            "SELECT id FROM tenants_registry WHERE slug = $1", installation.settings.default_tenant
        )
        settings = {"app.tenant_id": str(tenant_id), "trial.products": str(products), "trial.orders": str(orders)}
        for name, value in settings.items():
            await connection.execute("SELECT set_config($1, $2, false)", name, value)
        await connection.execute(_FILLING.read_text(encoding="utf-8"))
        await connection.execute("ANALYZE")
        rows = await connection.fetch(
            "SELECT id::text FROM catalog_products WHERE tenant_id = $1 AND slug LIKE 'bench-piece-%'"
            " ORDER BY created_at LIMIT $2",
            tenant_id,
            _FRESH,
        )
    finally:
        await connection.close()
    return [row["id"] for row in rows]


async def _run_clients(
    usual: Mapping[str, Step],
    seen: dict[str, Burst],
    where: tuple[str, int],
    clients: int,
    until: "asyncio.Task[object]",
) -> None:
    """Let clients repeat all operations concurrently until a task is done, at least once."""

    async def repeat(name: str, step: Step) -> None:
        seen[name] = Burst()
        while True:
            seen[name] += await load(*where, step, clients=clients, seconds=_BURST_SECONDS)
            if until.done():
                return

    try:
        async with asyncio.TaskGroup() as group:
            for name, step in usual.items():
                group.create_task(repeat(name, step))
    finally:
        until.cancel()
    await until


async def main() -> None:
    """Run the benchmark and print the result."""
    arguments = _arguments()
    with Program(processes=1) as program:
        console.print(f"Filling a shop with {arguments.products:,} products and {arguments.orders:,} orders")
        seen = await trial(
            program,
            products=arguments.products,
            orders=arguments.orders,
            clients=arguments.clients,
            seconds=arguments.seconds,
        )
        proof = program.command("prove")
    for line in seen.report:
        console.print(line)
    print("| operation | longest without migrations, ms | longest with migrations, ms | requests | failed |")
    print("|---|---|---|---|---|")
    for name in _STEPS:
        alone, beside = seen.alone[name], seen.beside[name]
        print(
            f"| {name} | {1000 * max(alone.turns_seconds):.0f} | {1000 * max(beside.turns_seconds):.0f}"
            f" | {len(beside.turns_seconds)} in {beside.seconds:.1f} s | 0 |"
        )
    print(f"\n{proof.stdout.strip()}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.migrations", description=__doc__)
    parser.add_argument("--products", type=int, default=100_000)
    parser.add_argument("--orders", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=4, help="at once, for each step")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long clients are watched without migrations")
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main())
